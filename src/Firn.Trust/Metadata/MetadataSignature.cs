namespace Firn.Trust.Metadata;

/// <param name="KeyId">As the role's keys are named.</param>
/// <param name="Digits">
/// The signature in hexadecimal digits. Anything else is a signature that proves nothing: some repositories keep a place
/// for a missing one with an empty text.
/// </param>
/// <param name="Unknown">Fields that Firn does not know.</param>
public sealed record MetadataSignature(string KeyId, string Digits, JsonObject Unknown)
{
    public MetadataSignature(string keyId, ReadOnlySpan<byte> signature)
        : this(keyId, Convert.ToHexStringLower(signature), JsonObject.Empty) { }

    /// <summary>The signature, empty if the digits are none.</summary>
    public byte[] Value() =>
        Digits.Length % 2 == 0 && Digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(Digits) : [];

    internal JsonObject ToJson() => new JsonBuilder { { "keyid", KeyId }, { "sig", Digits }, Unknown }.Build();

    internal static MetadataSignature Read(JsonObject json, string where)
    {
        var fields = new JsonFields(json, where);
        return new(fields.Text("keyid"), fields.Text("sig"), fields.Unknown());
    }
}
