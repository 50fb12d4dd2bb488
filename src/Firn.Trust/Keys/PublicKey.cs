using System.Security.Cryptography;
using Firn.Linux.Cryptography;
using Firn.Trust.Metadata;

namespace Firn.Trust.Keys;

/// <summary>A key as metadata describes it. Kinds that Firn does not know are kept, and verify nothing.</summary>
/// <param name="KeyType">e.g. <c>ecdsa</c>.</param>
/// <param name="Scheme">How it signs, e.g. <c>ecdsa-sha2-nistp256</c>.</param>
/// <param name="Value"><c>keyval</c>: the public key itself, and what else was written beside it.</param>
/// <param name="Unknown">Fields that Firn does not know.</param>
public sealed record PublicKey(string KeyType, string Scheme, JsonObject Value, JsonObject Unknown)
{
    public PublicKey(string keyType, string scheme, string publicKey)
        : this(keyType, scheme, JsonObject.Of([new("public", publicKey)]), JsonObject.Empty) { }

    /// <summary>PEM for ECDSA and RSA, hexadecimal digits for Ed25519.</summary>
    public string Public => ((JsonValue.Text)Value["public"]!).Value;

    /// <summary>
    /// The key id that Firn gives a key it describes itself: SHA-256 over its canonical form. Ids in metadata that others
    /// wrote are names, never recomputed.
    /// </summary>
    public string Id => Convert.ToHexStringLower(SHA256.HashData((this with { Unknown = JsonObject.Empty }).ToJson().ToCanonicalBytes()));

    public SignatureScheme? SignatureScheme => (KeyType, Scheme) switch
    {
        ("ecdsa" or "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256") => Linux.Cryptography.SignatureScheme.EcdsaP256,
        ("rsa", "rsassa-pss-sha256") => Linux.Cryptography.SignatureScheme.RsaPss,
        ("ed25519", "ed25519") => Linux.Cryptography.SignatureScheme.Ed25519,
        _ => null,
    };

    public bool IsSupported => SignatureScheme is not null;

    /// <summary>False as well when the key is of a kind Firn does not know, or not a key.</summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (SignatureScheme is not { } scheme) return false;
        try
        {
            using var key = scheme == Linux.Cryptography.SignatureScheme.Ed25519
                ? VerificationKey.FromEd25519(Convert.FromHexString(Public))
                : VerificationKey.FromPem(scheme, Public);
            return key.Verify(message, signature);
        }
        catch (Exception error) when (error is FormatException or InvalidDataException)
        {
            return false;
        }
    }

    public JsonObject ToJson() => new JsonBuilder { { "keytype", KeyType }, { "scheme", Scheme }, { "keyval", Value }, Unknown }.Build();

    internal static PublicKey Read(JsonObject json, string where)
    {
        var fields = new JsonFields(json, where);
        var value = fields.Object("keyval");
        _ = new JsonFields(value, fields.Path("keyval")).Text("public");
        return new(fields.Text("keytype"), fields.Text("scheme"), value, fields.Unknown());
    }
}
