using System.Text;

namespace Firn.Trust.Minisign;

/// <summary>A <c>.minisig</c> file.</summary>
/// <param name="IsPrehashed">Over the BLAKE2b of the content ("ED"), not over the content itself ("Ed", the legacy form).</param>
/// <param name="KeyId">8 bytes.</param>
/// <param name="Value">64 bytes.</param>
/// <param name="TrustedComment">Signed with <see cref="Value"/>.</param>
/// <param name="CommentSignature">64 bytes.</param>
public sealed record MinisignSignature(
    bool IsPrehashed, ReadOnlyMemory<byte> KeyId, ReadOnlyMemory<byte> Value, string TrustedComment, ReadOnlyMemory<byte> CommentSignature)
{
    private const int SizeBytes = 2 + MinisignText.KeyIdBytes + 64;

    /// <summary>The legacy form must be held in memory.</summary>
    private const long MaximumLegacyBytes = 1L << 30;

    public string KeyName => MinisignText.NameOf(KeyId.Span);

    /// <exception cref="InvalidDataException">Not a signature of minisign.</exception>
    public static MinisignSignature Read(string text)
    {
        const string subject = "minisign signature";
        var lines = text.Split('\n').Select(line => line.TrimEnd('\r')).ToArray();
        if (text.Length > MinisignText.MaximumBytes || lines.Length < 4
            || !lines[0].StartsWith(MinisignText.UntrustedComment, StringComparison.Ordinal)
            || !lines[2].StartsWith(MinisignText.TrustedComment, StringComparison.Ordinal))
            throw new InvalidDataException($"{subject}: expected an untrusted comment, a signature, a trusted comment and its signature");
        var bytes = MinisignText.Decode(lines[1], SizeBytes, subject);
        var isPrehashed = bytes.AsSpan().StartsWith("ED"u8);
        if (!isPrehashed && !bytes.AsSpan().StartsWith("Ed"u8)) throw new InvalidDataException($"{subject}: it is not by Ed25519");
        return new(
            isPrehashed, bytes.AsMemory(2, MinisignText.KeyIdBytes), bytes.AsMemory(2 + MinisignText.KeyIdBytes),
            lines[2][MinisignText.TrustedComment.Length..], MinisignText.Decode(lines[3], 64, subject));
    }

    public string ToText(string untrustedComment)
    {
        byte[] bytes = [.. IsPrehashed ? "ED"u8 : "Ed"u8, .. KeyId.Span, .. Value.Span];
        return $"{MinisignText.UntrustedComment}{untrustedComment}\n{Convert.ToBase64String(bytes)}\n"
            + $"{MinisignText.TrustedComment}{TrustedComment}\n{Convert.ToBase64String(CommentSignature.Span)}\n";
    }

    internal byte[] MessageOf(Stream content) => MessageOf(content, IsPrehashed ? MinisignForm.Prehashed : MinisignForm.Legacy);

    internal byte[] CommentMessage() => CommentMessage(Value.Span, TrustedComment);

    internal static byte[] CommentMessage(ReadOnlySpan<byte> signature, string comment) => [.. signature, .. Encoding.UTF8.GetBytes(comment)];

    /// <summary>What the signature is over.</summary>
    internal static byte[] MessageOf(Stream content, MinisignForm form)
    {
        if (form == MinisignForm.Legacy)
        {
            if (content.Length > MaximumLegacyBytes)
                throw new InvalidDataException($"{content.Length} bytes are too many for a legacy signature; at most {MaximumLegacyBytes}");
            var all = new byte[content.Length];
            content.ReadExactly(all);
            return all;
        }
        var hash = new Blake2b(64);
        var buffer = new byte[128 << 10];
        for (int count; (count = content.Read(buffer)) > 0;) hash.Append(buffer.AsSpan(0, count));
        return hash.Finish();
    }
}
