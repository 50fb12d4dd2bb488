using Firn.Formats.Elf;
using Firn.Formats.Trees;

namespace Firn.Images.Content;

/// <summary>A program of a root filesystem with its dynamic loader and all libraries they name, so that it runs elsewhere.</summary>
internal static class ProgramClosure
{
    /// <summary>Where a loader looks by itself, in this order (ld.so(8) of glibc on Debian and on Fedora).</summary>
    private static readonly string[] LibraryPlaces =
        ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib64", "usr/lib64", "lib", "usr/lib"];

    /// <param name="root">The root filesystem.</param>
    /// <param name="program">Path of the program.</param>
    /// <param name="purpose">For messages: what needs it.</param>
    /// <param name="package">Of Debian, that has it.</param>
    /// <returns>Files by the path they are asked for with; links are followed.</returns>
    /// <exception cref="InvalidDataException">The program or one of its libraries is not there.</exception>
    public static IEnumerable<(string Path, FileNode File)> Of(FileTree root, string program, string purpose, string package)
    {
        var found = new Dictionary<string, FileNode>();
        var wanted = new Queue<string>([program]);
        string? loader = null;
        while (wanted.TryDequeue(out var path))
        {
            if (found.ContainsKey(path)) continue;
            if (root.Resolve(path) is not { Kind: FileKind.File } file)
                throw new InvalidDataException(path == program
                    ? $"{purpose}: the root filesystem has no /{program}; add the package {package}"
                    : $"{purpose}: /{program} of the root filesystem needs /{path}, which is not there; add the package that has it");
            found.Add(path, file);
            if (ElfDynamic.Read(file.Content.ReadAll()) is not { } needs) continue;
            if (needs.Interpreter is { } named) wanted.Enqueue(loader = named.TrimStart('/'));
            foreach (var library in needs.Needed.Where(library => library != Path.GetFileName(loader))) wanted.Enqueue(Find(library));
        }
        return found.Select(entry => (entry.Key, entry.Value));

        string Find(string library) => LibraryPlaces.Select(place => $"{place}/{library}")
            .FirstOrDefault(path => root.Resolve(path) is { Kind: FileKind.File }) ?? $"usr/lib/{library}";
    }
}
