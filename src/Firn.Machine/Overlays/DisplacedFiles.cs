using Firn.Formats.Trees;
using Firn.Linux.Files;
using Firn.Machine.Etc;

namespace Firn.Machine.Overlays;

/// <summary>
/// What a machine wrote itself, in a place that outlives a restart, and an overlay now delivers: it is put aside, so that
/// the overlay's is seen, and comes back when the overlay delivers it no more.
/// </summary>
/// <param name="upper">The upper directory of the place, which exists.</param>
/// <param name="aside">A directory in the same filesystem.</param>
public sealed class DisplacedFiles(string upper, string aside)
{
    private static readonly byte[] Opaque = "trusted.overlay.opaque"u8.ToArray();

    private readonly string _list = $"{aside}.delivered";

    /// <param name="delivered">What the overlay has for the place; null for nothing.</param>
    public void Arrange(FileNode? delivered)
    {
        if (File.Exists(_list))
        {
            // what lies over the files of the boot before was written over them, for that boot
            if (Directory.Exists(upper)) Displace(RawPath.From(upper), null, DeliveredBefore().Root);
            DurableFile.Remove(_list);
        }
        if (Directory.Exists(aside)) Restore(RawPath.From(aside), RawPath.From(upper), delivered);
        if (delivered is null) return;
        Directory.CreateDirectory(aside);
        if (Directory.Exists(upper)) Displace(RawPath.From(upper), RawPath.From(aside), delivered);
        var tree = new FileTree();
        foreach (var (name, node) in delivered.Children) tree.Root.Children[name] = node;
        DurableFile.Replace(_list, string.Concat(tree.Walk().Where(entry => !entry.Node.IsDirectory).Select(entry => $"{entry.Path}\n")));
    }

    private FileTree DeliveredBefore()
    {
        var tree = new FileTree();
        foreach (var line in File.ReadLines(_list).Where(line => line.Length > 0)) tree.Put(line, new(FileKind.File));
        return tree;
    }

    /// <param name="aside">Null to remove what is in the way.</param>
    private static void Displace(RawPath upper, RawPath? aside, FileNode delivered)
    {
        foreach (var (name, node) in delivered.Children)
        {
            var (mine, put) = (upper.Combine(name.Span), aside?.Combine(name.Span));
            if (!RawFiles.Exists(mine)) continue;
            if (node.IsDirectory && RawFiles.Status(mine).Type == FileType.Directory)
            {
                // what the overlay has below must be seen, and this mark would hide it
                if (RawFiles.ReadAttributes(mine).Any(one => one.Name.AsSpan().SequenceEqual(Opaque))) RawFiles.SetAttribute(mine, Opaque, "n"u8);
                if (put is { } directory && !RawFiles.Exists(directory)) RawFiles.MakeDirectory(directory);
                Displace(mine, put, node);
            }
            else if (put is { } place && !RawFiles.Exists(place)) RawFiles.Rename(mine, place);
            else DirectoryTree.Remove(mine.ToString());
        }
    }

    private static void Restore(RawPath aside, RawPath upper, FileNode? delivered)
    {
        foreach (var name in RawFiles.List(aside))
        {
            var (put, mine) = (aside.Combine(name), upper.Combine(name));
            var below = delivered?.Children.GetValueOrDefault(new(name));
            var isDirectory = RawFiles.Status(put).Type == FileType.Directory;
            if (isDirectory && (below is { IsDirectory: true } || (RawFiles.Exists(mine) && RawFiles.Status(mine).Type == FileType.Directory)))
            {
                Restore(put, mine, below);
                if (RawFiles.List(put).Count == 0) RawFiles.RemoveDirectory(put);
            }
            else if (below is null && !RawFiles.Exists(mine)) RawFiles.Rename(put, mine);
            else if (below is null) DirectoryTree.Remove(put.ToString());    // written anew since
        }
    }
}
