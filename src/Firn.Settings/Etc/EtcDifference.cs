using Firn.Formats.Trees;
using Firn.Machine.Etc;

namespace Firn.Settings.Etc;

/// <param name="Path">Below /etc, as bytes; empty for that directory itself.</param>
internal sealed record EtcEntry(ByteString Path, EtcChange Change, FileNode? OfImage, FileNode? OfMachine);

/// <summary>
/// What a machine changed of its image's /etc. Times of modification do not count. Below a directory that is gone, or
/// became something else, nothing is listed: it is one change.
/// </summary>
internal static class EtcDifference
{
    /// <summary>In byte order, parents first.</summary>
    public static IEnumerable<EtcEntry> Between(FileTree image, FileTree machine) => Compare(default, image.Root, machine.Root);

    private static IEnumerable<EtcEntry> Compare(ByteString path, FileNode? image, FileNode? machine)
    {
        if (Kind(image, machine) is { } kind)
        {
            var text = path.Length == 0 ? "." : path.ToString();
            yield return new(path, new(text, kind, kind == EtcChangeKind.Changed ? [.. What(image!, machine!)] : []), image, machine);
        }
        if (machine is not { IsDirectory: true } || image is { IsDirectory: false }) yield break;
        var names = new SortedSet<ByteString>(machine.Children.Keys);
        if (image is not null) names.UnionWith(image.Children.Keys);
        foreach (var name in names)
            foreach (var entry in Compare(Below(path, name), image?.Children.GetValueOrDefault(name), machine.Children.GetValueOrDefault(name)))
                yield return entry;
    }

    private static EtcChangeKind? Kind(FileNode? image, FileNode? machine) =>
        image is null ? EtcChangeKind.Added : machine is null ? EtcChangeKind.Removed : What(image, machine).Any() ? EtcChangeKind.Changed : null;

    private static IEnumerable<string> What(FileNode image, FileNode machine)
    {
        if (image.Kind != machine.Kind)
        {
            yield return "kind";
            yield break;
        }
        if (!HaveEqualContent(image, machine)) yield return "content";
        if (image.Mode != machine.Mode && image.Kind != FileKind.Symlink) yield return "mode";
        if (image.Uid != machine.Uid || image.Gid != machine.Gid) yield return "owner";
        if (!NodeComparison.HaveEqualAttributes(image, machine)) yield return "attributes";
    }

    private static bool HaveEqualContent(FileNode image, FileNode machine) => image.Kind switch
    {
        FileKind.File => NodeComparison.HaveEqualContent(image.Content, machine.Content),
        FileKind.Symlink => image.LinkTarget == machine.LinkTarget,
        FileKind.CharacterDevice or FileKind.BlockDevice => image.Device == machine.Device,
        _ => true,
    };

    private static ByteString Below(ByteString path, ByteString name) => path.Length == 0 ? name : new([.. path.Span, (byte)'/', .. name.Span]);
}
