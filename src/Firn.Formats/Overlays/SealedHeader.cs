using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Firn.Formats.Overlays;

/// <param name="KeyId">The first 8 bytes of the SHA-256 of the machine's public key.</param>
/// <param name="WrappedKey">The key of the content, encrypted for that machine: 32 bytes and a tag of 16.</param>
public sealed record SealedRecipient(ReadOnlyMemory<byte> KeyId, ReadOnlyMemory<byte> WrappedKey)
{
    public const int KeyIdBytes = 8, WrappedBytes = 48;
}

/// <summary>
/// What stands before the content of an overlay that is encrypted to machines' keys: magic, number of recipients (16 bits,
/// little endian), an X25519 public key, the recipients. docs/formats/overlay.md.
/// </summary>
/// <param name="EphemeralKey">32 bytes, made for this file alone.</param>
public sealed record SealedHeader(ReadOnlyMemory<byte> EphemeralKey, ImmutableArray<SealedRecipient> Recipients)
{
    public const int MaximumRecipients = 10_000, TagBytes = 16;
    private const int FixedBytes = 8 + 2 + 32, RecipientBytes = SealedRecipient.KeyIdBytes + SealedRecipient.WrappedBytes;

    public static ReadOnlySpan<byte> Magic => "FIRNOVL1"u8;

    public int SizeBytes => FixedBytes + RecipientBytes * Recipients.Length;

    public byte[] ToBytes()
    {
        var bytes = new byte[SizeBytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), (ushort)Recipients.Length);
        EphemeralKey.Span.CopyTo(bytes.AsSpan(10));
        for (var i = 0; i < Recipients.Length; i++)
        {
            var place = bytes.AsSpan(FixedBytes + i * RecipientBytes, RecipientBytes);
            Recipients[i].KeyId.Span.CopyTo(place);
            Recipients[i].WrappedKey.Span.CopyTo(place[SealedRecipient.KeyIdBytes..]);
        }
        return bytes;
    }

    /// <exception cref="InvalidDataException">Truncated, or for more machines than there can be.</exception>
    public static SealedHeader Read(ReadOnlyMemory<byte> file)
    {
        if (!file.Span.StartsWith(Magic) || file.Length < FixedBytes) throw Truncated(file.Length);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file.Span[8..]);
        if (count is 0 or > MaximumRecipients) throw new InvalidDataException($"encrypted overlay: {count} recipients, expected 1 to {MaximumRecipients}");
        if (file.Length < FixedBytes + count * RecipientBytes + TagBytes) throw Truncated(file.Length);
        var recipients = ImmutableArray.CreateBuilder<SealedRecipient>(count);
        for (var i = 0; i < count; i++)
        {
            var place = file.Slice(FixedBytes + i * RecipientBytes, RecipientBytes);
            recipients.Add(new(place[..SealedRecipient.KeyIdBytes], place[SealedRecipient.KeyIdBytes..]));
        }
        return new(file.Slice(10, 32), recipients.MoveToImmutable());
    }

    private static InvalidDataException Truncated(int length) => new($"encrypted overlay: truncated: it ends after {length} bytes");
}
