using System.Collections.Immutable;
using Firn.Trust.Metadata;

namespace Firn.Trust.Bundles;

/// <summary>
/// What a bundle says of itself in <c>bundle.json</c>. Nobody signed it: it is for people, and to tell bundles from other
/// archives. Format in <c>docs/formats/bundle.md</c>.
/// </summary>
/// <param name="Channel">Whose releases are in it.</param>
/// <param name="Releases">Paths of their manifests.</param>
public sealed record BundleFormat(string Channel, ImmutableArray<string> Releases)
{
    public const string FileName = "bundle.json";
    public const int CurrentFormat = 1;
    internal const int MaximumBytes = 64 << 10;

    public byte[] ToBytes() => new JsonBuilder
    {
        { "format", CurrentFormat },
        { "channel", Channel },
        { "releases", new JsonValue.List([.. Releases.Select(path => new JsonValue.Text(path))]) },
    }.Build().ToFileBytes();

    /// <exception cref="InvalidDataException">Not what a bundle says of itself.</exception>
    public static BundleFormat Read(ReadOnlySpan<byte> bytes)
    {
        var fields = new JsonFields(JsonParser.ParseObject(bytes), FileName);
        var format = fields.Integer("format");
        return format == CurrentFormat
            ? new(fields.Text("channel"), [.. fields.Texts("releases")])
            : throw new InvalidDataException($"{FileName} has format {format}, this firn understands {CurrentFormat}");
    }
}
