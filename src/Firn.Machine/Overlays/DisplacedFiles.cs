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

    /// <param name="delivered">What the overlay has for the place; null for nothing.</param>
    public void Arrange(FileNode? delivered)
    {
        if (Directory.Exists(aside)) Restore(RawPath.From(aside), RawPath.From(upper), delivered);
        if (delivered is null || !Directory.Exists(upper)) return;
        Directory.CreateDirectory(aside);
        Displace(RawPath.From(upper), RawPath.From(aside), delivered);
    }

    private static void Displace(RawPath upper, RawPath aside, FileNode delivered)
    {
        foreach (var (name, node) in delivered.Children)
        {
            var (mine, put) = (upper.Combine(name.Span), aside.Combine(name.Span));
            if (!RawFiles.Exists(mine)) continue;
            if (node.IsDirectory && RawFiles.Status(mine).Type == FileType.Directory)
            {
                // what the overlay has below must be seen, and this mark would hide it
                if (RawFiles.ReadAttributes(mine).Any(one => one.Name.AsSpan().SequenceEqual(Opaque))) RawFiles.SetAttribute(mine, Opaque, "n"u8);
                if (!RawFiles.Exists(put)) RawFiles.MakeDirectory(put);
                Displace(mine, put, node);
            }
            else if (!RawFiles.Exists(put)) RawFiles.Rename(mine, put);
            else DirectoryTree.Remove(mine.ToString());    // written over the overlay's, for one boot
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
