namespace Firn.Trust.Metadata;

/// <summary>What targets metadata says of one file.</summary>
/// <param name="SizeBytes">Exact size.</param>
/// <param name="Hashes">At least one.</param>
/// <param name="Custom">What the repository wants to be known of it before it is fetched; null for nothing.</param>
/// <param name="Unknown">Fields that Firn does not know.</param>
public sealed record TargetFile(long SizeBytes, FileHashes Hashes, JsonObject? Custom, JsonObject Unknown)
{
    public TargetFile(long sizeBytes, FileHashes hashes, JsonObject? custom = null) : this(sizeBytes, hashes, custom, JsonObject.Empty) { }

    internal JsonObject ToJson() => new JsonBuilder
    {
        { "length", SizeBytes },
        { "hashes", Hashes.ToJson() },
        { "custom", Custom },
        Unknown,
    }.Build();

    internal static TargetFile Read(JsonObject json, string where)
    {
        var fields = new JsonFields(json, where);
        return new(
            fields.IntegerFrom("length", 0), FileHashes.Read(fields.Object("hashes"), fields.Path("hashes")),
            fields.OptionalObject("custom"), fields.Unknown());
    }
}
