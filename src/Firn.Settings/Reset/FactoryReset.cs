using System.Collections.Immutable;
using Firn.Formats.Overlays;
using Firn.Formats.Resets;
using Firn.Formats.Trees;
using Firn.Linux;
using Firn.Linux.Files;
using Firn.Machine.Boot;
using Firn.Machine.Etc;

namespace Firn.Settings.Reset;

/// <param name="Erased">Files and directories, those counted once that went with all below them.</param>
/// <param name="Kept">What a pattern named and was there.</param>
public sealed record FactoryResetResult(int Erased, ImmutableArray<string> Kept);

/// <summary>
/// Back to how the machine came. A file on the data partition asks for it; the initramfs does it before anything of that
/// partition is in use. What stays is never touched, the request goes last: a power cut anywhere leads to another attempt.
/// </summary>
/// <param name="data">The data partition's directory.</param>
public sealed class FactoryReset(string data)
{
    /// <summary>Whom the machine believed last, so that nobody makes it believe something older; what became of releases; which
    /// installation the slots hold, so that nothing is carried from one to the other.</summary>
    private static readonly string[] Always =
        ["/data/firn/trust", "/data/firn/history.jsonl", "/data/firn/boot", "/data/firn/etc/*/install", "/data/firn/reset", "/data/lost+found"];

    private static readonly (string Place, string Upper)[] Layers =
    [
        ("etc", "data/firn/etc/*/upper"), ("var", "data/firn/var/upper"), ("home", "data/firn/home/upper"), ("root", "data/firn/root/upper"),
    ];

    private string RequestFile => Path.Combine(data, "firn/reset");

    public bool IsRequested => File.Exists(RequestFile);

    public void Request(IEnumerable<KeepPattern> keep)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(RequestFile)!);
        DurableFile.Replace(RequestFile, "# a factory reset at the next boot\n" + new NamedValues([.. keep.Select(one => new NamedValue("keep", one.ToString()))]).ToText());
    }

    /// <returns>False if none was asked for.</returns>
    public bool Cancel()
    {
        if (!IsRequested) return false;
        DurableFile.Remove(RequestFile);
        return true;
    }

    /// <exception cref="InvalidDataException">The request cannot be understood; nothing was erased.</exception>
    /// <exception cref="IOException">Something could not be erased; the rest was, and the request stays.</exception>
    public FactoryResetResult Run()
    {
        var keep = ReadPatterns(NamedValues.Parse(File.ReadAllText(RequestFile), RequestFile), RequestFile);
        var eraser = new Eraser([.. Always.Select(text => KeepPattern.TryParse(text)!), .. keep.Select(Moved)]);
        eraser.Enter(RawPath.From(data), "/data");
        RawFiles.SyncFileSystem(RawPath.From(data));
        if (eraser.Problem is { } problem) throw new IOException($"factory reset: {problem}");
        DurableFile.Remove(RequestFile);
        return new(eraser.Erased, [.. eraser.Kept]);
    }

    /// <summary>What the recipe says must be kept.</summary>
    /// <exception cref="InvalidDataException">The image's list cannot be understood.</exception>
    public static ImmutableArray<KeepPattern> KeptByImage(MachinePaths paths)
    {
        var file = Path.Combine(paths.Root, KeepPattern.SettingsPath);
        return File.Exists(file) ? ReadPatterns(NamedValues.Parse(File.ReadAllText(file), file), file) : [];
    }

    /// <exception cref="InvalidDataException">A line is no <c>keep=PATTERN</c>.</exception>
    private static ImmutableArray<KeepPattern> ReadPatterns(NamedValues values, string fileName) => [.. values.All.Select(one =>
        one.Name == "keep" && KeepPattern.TryParse(one.Value) is { } pattern ? pattern
            : throw new InvalidDataException($"{fileName}: '{one.Name}={one.Value}' cannot be understood; expected keep={KeepPattern.Expected}"))];

    private static KeepPattern Moved(KeepPattern pattern) => Layers.Aggregate(pattern, (moved, layer) => moved.Moved(layer.Place, layer.Upper));

    private sealed class Eraser(ImmutableArray<KeepPattern> keep)
    {
        public int Erased { get; private set; }
        public List<string> Kept { get; } = [];
        public string? Problem { get; private set; }

        public void Enter(RawPath directory, string path)
        {
            foreach (var name in RawFiles.List(directory))
                try
                {
                    Judge(directory.Combine(name), $"{path}/{new ByteString(name)}");
                }
                catch (ErrnoException error)
                {
                    Problem ??= error.Message;
                }
        }

        private void Judge(RawPath node, string path)
        {
            var answer = keep.Max(pattern => pattern.Of(path));
            if (answer == KeepAnswer.Yes) Kept.Add(path);
            else if (answer == KeepAnswer.Within && RawFiles.Status(node).Type == FileType.Directory) Thin(node, path);
            else
            {
                DirectoryTree.RemoveNode(node);
                Erased++;
            }
        }

        /// <summary>A directory of an overlay that hid the image's must not do so with nearly nothing in it.</summary>
        private void Thin(RawPath directory, string path)
        {
            Enter(directory, path);
            if (RawFiles.List(directory).Count == 0) RawFiles.RemoveDirectory(directory);
            else if (RawFiles.ReadAttributes(directory).Any(attribute => attribute.Name.AsSpan().SequenceEqual(OverlayTree.OpaqueName)))
                RawFiles.RemoveAttribute(directory, OverlayTree.OpaqueName);
        }
    }
}
