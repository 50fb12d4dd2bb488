using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Firn.Formats.Trees;
using Firn.Images.Recipes;

namespace Firn.Images.Content;

/// <summary>
/// An image of an OCI layout, in a directory or an archive (<c>skopeo copy … oci:</c>, <c>podman save --format oci-archive</c>,
/// <c>docker save</c> from version 25 on). Every blob is verified before it is used. OCI Image Format Specification 1.1,
/// "Image Layout".
/// </summary>
internal sealed class OciSource
{
    private const string Architecture = "amd64", Os = "linux";
    private const int MaximumNesting = 4;

    private readonly FileTree _layout;
    private readonly SpoolArea _spool;
    private readonly Action<string> _step;
    private readonly HashSet<string> _seen = [];

    private OciSource(FileTree layout, SpoolArea spool, Action<string> step) => (_layout, _spool, _step) = (layout, spool, step);

    /// <returns>The tree, and the digest of the image's manifest.</returns>
    /// <exception cref="InvalidDataException">Not a layout, damaged, hostile, or without the image asked for.</exception>
    public static (FileTree Tree, string Digest) Load(RecipeSource.Oci recipe, SpoolArea spool, Action<string> step)
    {
        var layout = Directory.Exists(recipe.Path) ? DirectorySource.Load(recipe.Path) : TarSource.Load(recipe.Path, spool, step);
        return TarSource.Named(recipe.Path, () => new OciSource(layout, spool, step).Read(recipe.Tag));
    }

    private (FileTree, string) Read(string? tag)
    {
        var (manifest, digest) = Find(tag);
        var tree = new FileTree();
        var layers = OciJson.All(manifest.Layers!.Value, digest);
        foreach (var (layer, number) in layers.Select((layer, i) => (layer, i + 1)))
        {
            _step($"read layer {number} of {layers.Length}");
            var blob = Blob(layer);
            TarSource.Named($"layer {layer.Digest}", () =>
            {
                OciLayer.Apply(TarSource.Unpack(blob, layer.Digest, _spool, _step), tree);
                return tree;
            });
        }
        return (tree, digest);
    }

    private (OciManifest Manifest, string Digest) Find(string? tag)
    {
        if (_layout.Find("index.json") is not { Kind: FileKind.File } index)
            throw new InvalidDataException(
                "this is not an OCI image layout: it has no index.json; make one with 'skopeo copy … oci:DIRECTORY:TAG'");
        var descriptors = OciJson.All(OciJson.Read(index.Content, OciJson.Default.OciIndex, "index.json").Manifests, "index.json");
        var tagged = tag is null ? descriptors : [.. descriptors.Where(descriptor => HasTag(descriptor, tag))];
        if (tagged.IsEmpty)
            throw new InvalidDataException($"there is no image tagged '{tag}'; there are {List(descriptors)}");
        var images = tagged.SelectMany(descriptor => Images(descriptor, MaximumNesting)).ToArray();
        return images switch
        {
            [var image] => image,
            [] => throw new InvalidDataException($"there is no image for {Os}/{Architecture}"),
            _ => throw new InvalidDataException($"there are {images.Length} images for {Os}/{Architecture}; add a tag to the path, one of {List(descriptors)}"),
        };
    }

    /// <summary>The images behind a descriptor that are for our platform. An index may hold indexes.</summary>
    private IEnumerable<(OciManifest Manifest, string Digest)> Images(OciDescriptor descriptor, int nesting)
    {
        if (descriptor.Platform is { } platform && (platform.Architecture, platform.Os) != (Architecture, Os)) return [];
        if (!_seen.Add(descriptor.Digest)) return [];    // an image under two names, or many indexes that hold each other
        if (nesting == 0) throw new InvalidDataException("indexes are nested too deeply");
        var manifest = Json(descriptor, OciJson.Default.OciManifest);
        if (manifest.Manifests is { } inner) return OciJson.All(inner, descriptor.Digest).SelectMany(below => Images(below, nesting - 1));
        if (manifest is not { Layers: not null, Config: { } config })
            throw new InvalidDataException($"manifest {descriptor.Digest} has no layers or no config");
        if (descriptor.Platform is null)
        {
            var (architecture, os) = Json(config, OciJson.Default.OciConfig) switch { var read => (read.Architecture, read.Os) };
            if ((architecture, os) != (Architecture, Os)) return [];
        }
        return [(manifest, descriptor.Digest)];
    }

    private T Json<T>(OciDescriptor descriptor, JsonTypeInfo<T> type) => OciJson.Read(Blob(descriptor), type, descriptor.Digest);

    /// <summary>A blob whose size and SHA-256 are as the descriptor says.</summary>
    private FileContent Blob(OciDescriptor descriptor)
    {
        var hash = descriptor.Digest.StartsWith("sha256:", StringComparison.Ordinal) ? descriptor.Digest[7..] : "";
        if (hash.Length != 64 || !hash.All(char.IsAsciiHexDigitLower))
            throw new InvalidDataException($"'{descriptor.Digest}' is not a SHA-256 digest");
        if (_layout.Find($"blobs/sha256/{hash}") is not { Kind: FileKind.File } blob)
            throw new InvalidDataException($"blob {descriptor.Digest} is missing");
        if (blob.Content.SizeBytes != descriptor.Size)
            throw new InvalidDataException($"blob {descriptor.Digest} has {blob.Content.SizeBytes} bytes, expected {descriptor.Size}");
        var found = TarSource.Sha256(blob.Content);
        return found == descriptor.Digest ? blob.Content : throw new InvalidDataException($"blob {descriptor.Digest} is damaged: it has {found}");
    }

    /// <summary>Some tools write the tag alone, some the whole name of the image with it.</summary>
    private static bool HasTag(OciDescriptor descriptor, string tag) =>
        descriptor.RefName == tag || descriptor.RefName?.EndsWith($":{tag}", StringComparison.Ordinal) == true;

    private static string List(ImmutableArray<OciDescriptor> descriptors) =>
        string.Join(", ", descriptors.Select(descriptor => descriptor.RefName is { } name ? $"'{name}'" : $"{descriptor.Digest} without a tag"));
}
