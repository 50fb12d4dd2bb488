using System.Collections.Immutable;
using Firn.Formats.Trees;

namespace Firn.Formats.Overlays;

/// <summary>What one machine gets of an overlay.</summary>
/// <param name="Layers">Names of the layers that are for it, in order.</param>
/// <param name="Tree">All files together. What is to be taken away is a character device 0:0, an opaque directory has overlayfs's attribute.</param>
/// <param name="Origins">By path: the layer that the file comes from; empty for the files of all machines.</param>
public sealed record OverlayPlan(
    ImmutableArray<string> Layers, FileTree Tree, IReadOnlyDictionary<string, string> Origins)
{
    private const string Opaque = ".wh..wh..opq", Whiteout = ".wh.";
    private static readonly ExtendedAttribute IsOpaque = new("trusted.overlay.opaque", [(byte)'y']);

    public static OverlayPlan Of(Overlay overlay, NamedValues facts)
    {
        var origins = new Dictionary<string, string>();
        var tree = new FileTree();
        Lay(tree.Root, overlay.Base.Root, "", "", origins);
        var chosen = overlay.Layers.Where(layer => Favors.Hold(layer.Favors, facts)).ToArray();
        foreach (var layer in chosen) Lay(tree.Root, layer.Tree.Root, "", layer.Name, origins);
        return new([.. chosen.Select(layer => layer.Name)], tree, origins);
    }

    /// <summary>Whether the node says that what the image has there is to be gone.</summary>
    public static bool IsRemoval(FileNode node) => node.Kind == FileKind.CharacterDevice;

    private static void Lay(
        FileNode onto, FileNode layer, string prefix, string name, Dictionary<string, string> origins)
    {
        if (layer.Children.ContainsKey(Opaque))
        {
            onto.Attributes = [.. onto.Attributes.Where(one => one.Name != IsOpaque.Name).Append(IsOpaque).OrderBy(one => one.Name)];
            Forget(prefix, origins);
            onto.Children.Clear();
        }
        foreach (var (child, node) in layer.Children)
        {
            if (child == Opaque) continue;
            var removes = child.Span.StartsWith(".wh."u8);
            var target = removes ? new ByteString(child.Span[Whiteout.Length..]) : child;
            var path = $"{prefix}{target}";
            if (removes)
            {
                if (target.IsEmpty || target == "." || target == "..") throw new InvalidDataException($"overlay: {prefix}{child} takes nothing away");
                Replace(onto, target, new(FileKind.CharacterDevice) { Mode = 0 }, path, name, origins);
            }
            else if (!node.IsDirectory) Replace(onto, target, node, path, name, origins);
            else
            {
                if (!onto.Children.TryGetValue(target, out var known) || !known.IsDirectory)
                {
                    var isRemoved = known is not null && IsRemoval(known);
                    Replace(onto, target, known = new(FileKind.Directory), path, name, origins);
                    if (isRemoved) known.Attributes = [IsOpaque];
                }
                (known.Mode, known.Uid, known.Gid, known.ModifiedSeconds) = (node.Mode, node.Uid, node.Gid, node.ModifiedSeconds);
                known.Attributes = [.. known.Attributes.Where(one => one.Name == IsOpaque.Name).Concat(node.Attributes).OrderBy(one => one.Name)];
                origins[path] = name;
                Lay(known, node, $"{path}/", name, origins);
            }
        }
    }

    private static void Replace(
        FileNode directory, ByteString target, FileNode node, string path, string name, Dictionary<string, string> origins)
    {
        Forget($"{path}/", origins);
        directory.Children[target] = node;
        origins[path] = name;
    }

    private static void Forget(string prefix, Dictionary<string, string> origins)
    {
        foreach (var below in origins.Keys.Where(path => path.StartsWith(prefix, StringComparison.Ordinal)).ToArray()) origins.Remove(below);
    }
}
