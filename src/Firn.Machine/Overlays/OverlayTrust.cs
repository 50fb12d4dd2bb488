using System.Collections.Immutable;
using System.Text;
using Firn.Formats.Overlays;
using Firn.Trust;
using Firn.Trust.Minisign;

namespace Firn.Machine.Overlays;

/// <summary>Whose overlays are taken.</summary>
/// <param name="Keys">Public keys of minisign; any of them may have signed.</param>
/// <param name="AllowsUnsigned">What nobody signed is taken as well; what is signed must still be signed right.</param>
public sealed record OverlayTrust(ImmutableArray<string> Keys, bool AllowsUnsigned)
{
    /// <param name="file">With its signature behind it, if it has one.</param>
    /// <param name="subject">For messages.</param>
    /// <returns>The content, and who signed it, in words.</returns>
    /// <exception cref="TrustException">Nobody signed it that counts.</exception>
    /// <exception cref="InvalidDataException">Its signature cannot be read.</exception>
    public (ReadOnlyMemory<byte> Content, string Signer) Verify(ReadOnlyMemory<byte> file, string subject)
    {
        var (content, text) = OverlayText.Split(file);
        if (text is null)
            return AllowsUnsigned
                ? (content, "unsigned")
                : throw new TrustException(TrustFailure.Unsigned, subject, "is not signed, and only signed overlays are taken");
        if (Keys.IsEmpty && AllowsUnsigned) return (content, "signed by a key that is not known");
        var signature = MinisignSignature.Read(text);
        var key = Keys.Select(MinisignPublicKey.Read).FirstOrDefault(one => one.KeyId.Span.SequenceEqual(signature.KeyId.Span))
            ?? throw new TrustException(TrustFailure.Unsigned, subject, "signed by a key that does not count here");
        key.Verify(signature, new MemoryStream(content.ToArray(), writable: false), subject);
        return (content, $"signed by {key.Name}");
    }

    /// <summary>A file and the text of a signature that came beside it, as one.</summary>
    public static byte[] Attach(byte[] content, string signature) => [.. content, .. Encoding.UTF8.GetBytes(signature)];
}
