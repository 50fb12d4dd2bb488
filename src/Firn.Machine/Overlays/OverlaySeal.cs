using System.Security.Cryptography;
using Firn.Formats.Overlays;
using Firn.Linux.Cryptography;

namespace Firn.Machine.Overlays;

/// <summary>
/// Overlays encrypted to the keys of machines: a key of its own for each file (AES-256-GCM), which is encrypted for each
/// machine under a secret of X25519. Whoever has a machine's public key can do it: who did, a signature says.
/// </summary>
public static class OverlaySeal
{
    // each key is used once: its nonce may be zero
    private static readonly byte[] Nonce = new byte[BlockCipher.NonceBytes];

    /// <param name="recipients">Public keys, 32 bytes each.</param>
    public static byte[] Seal(ReadOnlySpan<byte> content, IReadOnlyList<byte[]> recipients)
    {
        using var ephemeral = ExchangeKey.Generate();
        var key = RandomNumberGenerator.GetBytes(BlockCipher.KeyBytes);
        var ours = ephemeral.PublicKey();
        var header = new SealedHeader(ours, [.. recipients.Select(theirs => new SealedRecipient(
            IdOf(theirs), BlockCipher.Seal(WrappingKey(ephemeral.Share(theirs), ours, theirs), Nonce, key, [])))]).ToBytes();
        return [.. header, .. BlockCipher.Seal(key, Nonce, content, header)];
    }

    /// <exception cref="InvalidDataException">Not for this key, truncated or changed.</exception>
    public static byte[] Open(ReadOnlyMemory<byte> file, ExchangeKey machine)
    {
        var header = SealedHeader.Read(file);
        var mine = machine.PublicKey();
        var recipient = header.Recipients.FirstOrDefault(one => one.KeyId.Span.SequenceEqual(IdOf(mine)))
            ?? throw new InvalidDataException($"encrypted overlay: not for this machine's key {NameOf(mine)}, but for {Names(header)}");
        try
        {
            var wrapping = WrappingKey(machine.Share(header.EphemeralKey.Span), header.EphemeralKey.Span, mine);
            var key = BlockCipher.Open(wrapping, Nonce, recipient.WrappedKey.Span, []);
            return BlockCipher.Open(key, Nonce, file.Span[header.SizeBytes..], file.Span[..header.SizeBytes]);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException("encrypted overlay: truncated or changed", error);
        }
    }

    /// <summary>For people: which key a file is for.</summary>
    public static string NameOf(ReadOnlySpan<byte> publicKey) => Convert.ToHexStringLower(IdOf(publicKey));

    public static string Names(SealedHeader header)
    {
        var names = header.Recipients.Take(3).Select(one => Convert.ToHexStringLower(one.KeyId.Span));
        return string.Join(", ", names) + (header.Recipients.Length > 3 ? $" and {header.Recipients.Length - 3} more" : "");
    }

    private static byte[] IdOf(ReadOnlySpan<byte> publicKey) => SHA256.HashData(publicKey)[..SealedRecipient.KeyIdBytes];

    /// <summary>HKDF, RFC 5869.</summary>
    private static byte[] WrappingKey(byte[] secret, ReadOnlySpan<byte> ephemeral, ReadOnlySpan<byte> recipient) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, BlockCipher.KeyBytes, [.. ephemeral, .. recipient], "firn overlay 1"u8.ToArray());
}
