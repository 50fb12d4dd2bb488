using Firn.Formats.Trees;

namespace Firn.Machine.Etc;

/// <summary>
/// What overlayfs makes of a lower and an upper directory, as values: whiteouts are character devices 0:0, a directory
/// with the opaque attribute hides the one below. Kernel documentation, filesystems/overlayfs.
/// </summary>
public static class OverlayTree
{
    /// <summary>The attribute of a directory that hides the one below.</summary>
    public static ReadOnlySpan<byte> OpaqueName => "trusted.overlay.opaque"u8;

    private const string Prefix = "trusted.overlay.";
    private static readonly ByteString Opaque = new(OpaqueName.ToArray());
    private static readonly ExtendedAttribute IsOpaque = new(Opaque, [(byte)'y']);

    /// <summary>Attributes with which an upper directory refers to data that is elsewhere.</summary>
    private static readonly ByteString[] References = [Prefix + "redirect", Prefix + "metacopy"];

    /// <summary>What is seen through the mount. Nodes that are as below are the very objects of <paramref name="lower"/>.</summary>
    /// <exception cref="InvalidDataException">The upper directory was written with redirect_dir or metacopy.</exception>
    public static FileTree Merge(FileTree lower, FileTree upper)
    {
        var merged = new FileTree();
        Fill(merged.Root, lower.Root, upper.Root, "");
        return merged;
    }

    /// <summary>The smallest upper directory through which <paramref name="wanted"/> is seen over <paramref name="lower"/>.</summary>
    public static FileTree Difference(FileTree lower, FileTree wanted)
    {
        var upper = new FileTree();
        CopyMetadata(wanted.Root, upper.Root);
        FillDifference(upper.Root, lower.Root, wanted.Root);
        return upper;
    }

    public static bool IsWhiteout(FileNode node) => node.Kind == FileKind.CharacterDevice && node.Device == default;

    private static void Fill(FileNode merged, FileNode? lower, FileNode upper, string path)
    {
        foreach (var attribute in upper.Attributes)
            if (References.Contains(attribute.Name))
                throw new InvalidDataException($"{path}/: {attribute.Name} is not supported; mount /etc without redirect_dir and metacopy");
        CopyMetadata(upper, merged);

        if (lower is { IsDirectory: true } && !upper.Attributes.Any(attribute => attribute.Name == Opaque))
            foreach (var (name, child) in lower.Children) merged.Children[name] = child;
        else
            lower = null;
        foreach (var (name, child) in upper.Children)
        {
            if (IsWhiteout(child)) merged.Children.Remove(name);
            else merged.Children[name] = Overlay(lower?.Children.GetValueOrDefault(name), child, $"{path}/{name}");
        }
    }

    private static FileNode Overlay(FileNode? lower, FileNode upper, string path)
    {
        if (!upper.IsDirectory) return WithoutOverlayAttributes(upper, path);
        var merged = new FileNode(FileKind.Directory);
        Fill(merged, lower, upper, path);
        return merged;
    }

    private static FileNode WithoutOverlayAttributes(FileNode node, string path)
    {
        if (node.Attributes.Any(attribute => References.Contains(attribute.Name)))
            throw new InvalidDataException($"{path}: was copied up without its data; mount /etc without metacopy");
        node.Attributes = [.. node.Attributes.Where(IsOwn)];
        return node;
    }

    private static void FillDifference(FileNode upper, FileNode lower, FileNode wanted)
    {
        foreach (var (name, child) in lower.Children)
            if (!wanted.Children.ContainsKey(name) && !IsWhiteout(child))
                upper.Children[name] = new(FileKind.CharacterDevice) { Mode = 0 };
        foreach (var (name, child) in wanted.Children)
            if (Over(lower.Children.GetValueOrDefault(name), child) is { } node) upper.Children[name] = node;
    }

    /// <summary>What the upper directory needs in order to show <paramref name="wanted"/>; null for nothing.</summary>
    private static FileNode? Over(FileNode? lower, FileNode wanted)
    {
        if (ReferenceEquals(lower, wanted)) return null;
        if (!wanted.IsDirectory) return lower is not null && NodeComparison.AreEqual(lower, wanted) ? null : wanted;

        var directory = new FileNode(FileKind.Directory);
        CopyMetadata(wanted, directory);
        if (lower is not { IsDirectory: true })
        {
            // in place of something else: nothing of that may ever shine through
            if (lower is not null) directory.Attributes = [.. directory.Attributes.Append(IsOpaque).OrderBy(one => one.Name)];
            foreach (var (name, child) in wanted.Children) directory.Children[name] = Over(null, child)!;
            return directory;
        }
        FillDifference(directory, lower, wanted);
        return directory.Children.Count == 0 && NodeComparison.HaveEqualMetadata(lower, wanted) ? null : directory;
    }

    private static bool IsOwn(ExtendedAttribute attribute) => !attribute.Name.Span.StartsWith("trusted.overlay."u8);

    private static void CopyMetadata(FileNode from, FileNode to)
    {
        (to.Mode, to.Uid, to.Gid, to.ModifiedSeconds) = (from.Mode, from.Uid, from.Gid, from.ModifiedSeconds);
        to.Attributes = [.. from.Attributes.Where(IsOwn)];
    }
}
