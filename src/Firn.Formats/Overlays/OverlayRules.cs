using Firn.Formats.Trees;

namespace Firn.Formats.Overlays;

/// <summary>What an overlay may hold. Signed or not, a mistake in it must not reach beyond the files of a system.</summary>
public static class OverlayRules
{
    /// <summary>An overlay is held in memory, as long as the machine runs.</summary>
    public const long MaximumPackedBytes = 64L << 20, MaximumUnpackedBytes = 128L << 20;

    private const int MaximumNodes = 100_000;

    /// <summary>Mounted over when the system runs, or what makes and proves it: nothing delivered there could be seen, or believed.</summary>
    private static readonly string[] Forbidden = ["data", "dev", "proc", "run", "sys", "tmp", "usr/bin/firn", "usr/lib/firn"];

    /// <exception cref="InvalidDataException">Something is neither file, directory nor link, or it is too much.</exception>
    internal static void CheckNodes(FileTree tree)
    {
        long bytes = 0;
        var nodes = 0;
        foreach (var (path, node) in tree.Walk())
        {
            if (node.Kind is not (FileKind.File or FileKind.Directory or FileKind.Symlink))
                throw new InvalidDataException($"overlay: {path} is a {Word(node.Kind)}; only files, directories and links can be delivered");
            bytes += node.Content.SizeBytes;
            if (++nodes > MaximumNodes) throw new InvalidDataException($"overlay: more than {MaximumNodes} files and directories");
            if (bytes > MaximumUnpackedBytes) throw new InvalidDataException($"overlay: its files have more than the {MaximumUnpackedBytes} bytes that are taken");
            node.Attributes = [.. node.Attributes.Where(attribute => IsKept(attribute.Name))];
        }
    }

    /// <param name="prefix">Where the tree lies in the archive; for messages.</param>
    /// <exception cref="InvalidDataException">It delivers to a place that is not an overlay's.</exception>
    public static void CheckPlaces(FileTree tree, string prefix)
    {
        foreach (var place in Forbidden)
        {
            var cut = place.LastIndexOf('/') + 1;
            if (tree.Find(place) is { } node && (node.Children.Count > 0 || !node.IsDirectory)
                || tree.Find($"{place[..cut]}.wh.{place[cut..]}") is not null)
                throw new InvalidDataException($"overlay: {prefix}{place} cannot be delivered: /{place} is not an overlay's to change");
        }
    }

    /// <summary>Others belong to the machine that packed it, or are overlayfs's own.</summary>
    private static bool IsKept(ByteString name) =>
        name.Span.StartsWith("security."u8) || name.Span.StartsWith("system.posix_acl_"u8);

    private static string Word(FileKind kind) => kind switch
    {
        FileKind.Fifo => "FIFO",
        FileKind.Socket => "socket",
        _ => "device",
    };
}
