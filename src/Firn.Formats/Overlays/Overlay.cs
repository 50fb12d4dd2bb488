using System.Collections.Immutable;
using System.Globalization;
using Firn.Formats.Tar;
using Firn.Formats.Trees;

namespace Firn.Formats.Overlays;

/// <param name="Number">Layers are laid in this order, those with the same number by name.</param>
/// <param name="Name">As the archive has it, below <c>layers/</c>.</param>
/// <param name="Favors">The name after its number; see <see cref="Overlays.Favors"/>.</param>
/// <param name="Tree">Files for <c>/</c>.</param>
public sealed record OverlayLayer(int Number, string Name, string Favors, FileTree Tree);

/// <summary>
/// An archive that makes a generic image into one machine of a fleet: files for every machine, and layers for those whose
/// favors hold. Only files, directories and links are in it, and none for places that are not an image's to have.
/// </summary>
/// <param name="Base">For every machine, below the layers.</param>
/// <param name="Layers">In the order in which they are laid.</param>
public sealed record Overlay(FileTree Base, ImmutableArray<OverlayLayer> Layers)
{
    public const string LayersDirectory = "layers";

    /// <param name="archive">Seekable, not compressed.</param>
    /// <param name="content">Makes the content of a file from the offset and number of its bytes in the archive.</param>
    /// <exception cref="InvalidDataException">Not an archive, or one that no machine must take.</exception>
    public static Overlay Read(Stream archive, Func<long, long, FileContent> content) =>
        Of(TarReader.Read(archive, content));

    /// <param name="tree">All that is in the archive. Its <c>layers</c> directory is taken out of it.</param>
    /// <exception cref="InvalidDataException">It holds what no machine must take.</exception>
    public static Overlay Of(FileTree tree)
    {
        OverlayRules.CheckNodes(tree);
        var layers = ImmutableArray.CreateBuilder<OverlayLayer>();
        if (tree.Root.Children.Remove(LayersDirectory, out var directory))
        {
            if (!directory.IsDirectory) throw new InvalidDataException($"overlay: /{LayersDirectory} is not a directory");
            foreach (var (name, node) in directory.Children) layers.Add(Layer(name.ToString(), node));
        }
        OverlayRules.CheckPlaces(tree, "");
        foreach (var layer in layers) OverlayRules.CheckPlaces(layer.Tree, $"{LayersDirectory}/{layer.Name}/");
        layers.Sort((left, right) => (left.Number, left.Name).CompareTo((right.Number, right.Name)));
        return new(tree, layers.ToImmutable());
    }

    private static OverlayLayer Layer(string name, FileNode node)
    {
        var digits = name.TakeWhile(char.IsAsciiDigit).Count();
        if (!node.IsDirectory || digits is 0 or > 6 || (digits < name.Length && name[digits] != '-') || digits == name.Length - 1)
            throw new InvalidDataException($"overlay: {LayersDirectory}/{name} is no layer: expected a directory NN-FAVOR[-FAVOR…]");
        var tree = new FileTree();
        foreach (var (child, below) in node.Children) tree.Root.Children[child] = below;
        return new(int.Parse(name[..digits], CultureInfo.InvariantCulture), name, digits == name.Length ? "" : name[(digits + 1)..], tree);
    }
}
