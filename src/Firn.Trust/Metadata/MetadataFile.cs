using System.Collections.Immutable;
using Firn.Trust.Keys;

namespace Firn.Trust.Metadata;

/// <summary>
/// A metadata file: what is signed, exactly as it was read or made, and the signatures. Signatures are over the canonical
/// bytes of <see cref="Signed"/> as it stands, with all fields that Firn does not know.
/// </summary>
/// <param name="Signed">What a role says; <see cref="RootMetadata.Read"/> and its like make sense of it.</param>
/// <param name="Signatures">At most one for each key id.</param>
/// <param name="Unknown">Fields beside the two.</param>
public sealed record MetadataFile(JsonObject Signed, ImmutableArray<MetadataSignature> Signatures, JsonObject Unknown)
{
    /// <summary>New metadata, unsigned.</summary>
    public static MetadataFile Of(RoleMetadata role) => new(role.ToJson(), [], JsonObject.Empty);

    /// <summary>Signed once more; an earlier signature by the same key is replaced.</summary>
    public MetadataFile Sign(ISigner signer) =>
        With(new(signer.KeyId, signer.Sign(Signed.ToCanonicalBytes())));

    /// <summary>With a signature that was made elsewhere; an earlier one by the same key is replaced.</summary>
    public MetadataFile With(MetadataSignature signature) => this with
    {
        Signatures = [.. Signatures.Where(other => other.KeyId != signature.KeyId), signature],
    };

    public byte[] ToBytes() => ToJson().ToFileBytes();

    internal JsonObject ToJson() => new JsonBuilder
    {
        { "signatures", new JsonValue.List([.. Signatures.Select(signature => signature.ToJson())]) },
        { "signed", Signed },
        Unknown,
    }.Build();

    /// <exception cref="InvalidDataException">Not a metadata file, or one with two signatures by the same key.</exception>
    public static MetadataFile Read(ReadOnlySpan<byte> bytes) => Read(JsonParser.ParseObject(bytes));

    internal static MetadataFile Read(JsonObject json)
    {
        var fields = new JsonFields(json, "");
        return new(fields.Object("signed"), ReadSignatures(fields.List("signatures")), fields.Unknown());
    }

    private static ImmutableArray<MetadataSignature> ReadSignatures(JsonValue.List list)
    {
        var signatures = ImmutableArray.CreateBuilder<MetadataSignature>(list.Items.Length);
        var signers = new HashSet<string>();
        foreach (var item in list.Items)
        {
            var where = $"signatures[{signatures.Count}]";
            var signature = MetadataSignature.Read(
                item as JsonObject ?? throw new InvalidDataException($"{where} must be an object"), where);
            if (!signers.Add(signature.KeyId)) throw new InvalidDataException($"{where}: a second signature by key {signature.KeyId}");
            signatures.Add(signature);
        }
        return signatures.MoveToImmutable();
    }
}
