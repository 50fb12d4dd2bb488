using Firn.Linux.Cryptography;

namespace Firn.Trust.Minisign;

/// <param name="KeyId">8 bytes.</param>
/// <param name="Key">An Ed25519 public key, 32 bytes.</param>
public sealed record MinisignPublicKey(ReadOnlyMemory<byte> KeyId, ReadOnlyMemory<byte> Key)
{
    private const int SizeBytes = 2 + MinisignText.KeyIdBytes + 32;

    public string Name => MinisignText.NameOf(KeyId.Span);

    /// <summary>As minisign keeps it.</summary>
    public string ToText() =>
        $"{MinisignText.UntrustedComment}minisign public key {Name}\n{Convert.ToBase64String([.. "Ed"u8, .. KeyId.Span, .. Key.Span])}\n";

    /// <param name="text">The file, or its second line alone: <c>RW…</c></param>
    /// <exception cref="InvalidDataException">Not a public key of minisign.</exception>
    public static MinisignPublicKey Read(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var bytes = MinisignText.Decode(
            lines.FirstOrDefault(line => !line.StartsWith(MinisignText.UntrustedComment, StringComparison.Ordinal)) ?? "",
            SizeBytes, "minisign public key");
        if (!bytes.AsSpan().StartsWith("Ed"u8)) throw new InvalidDataException("minisign public key: it is not for Ed25519");
        return new(bytes.AsMemory(2, MinisignText.KeyIdBytes), bytes.AsMemory(2 + MinisignText.KeyIdBytes));
    }

    /// <param name="content">What may be signed.</param>
    /// <exception cref="TrustException">It is not signed by this key, or the trusted comment is not.</exception>
    public void Verify(MinisignSignature signature, Stream content, string subject)
    {
        if (!signature.KeyId.Span.SequenceEqual(KeyId.Span))
            throw new TrustException(
                TrustFailure.Unsigned, subject, $"signed by key {MinisignText.NameOf(signature.KeyId.Span)}, expected {Name}");
        using var key = VerificationKey.FromEd25519(Key.Span);
        if (!key.Verify(signature.MessageOf(content), signature.Value.Span))
            throw new TrustException(TrustFailure.Unsigned, subject, $"is not what key {Name} signed");
        if (!key.Verify(signature.CommentMessage(), signature.CommentSignature.Span))
            throw new TrustException(TrustFailure.Unsigned, subject, $"its trusted comment is not what key {Name} signed");
    }
}
