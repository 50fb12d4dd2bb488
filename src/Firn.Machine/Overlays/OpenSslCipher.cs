using System.Text;
using Firn.Linux.Cryptography;

namespace Firn.Machine.Overlays;

/// <summary>
/// What <c>openssl enc -aes-256-cbc -pbkdf2</c> writes and reads: <c>Salted__</c>, 8 bytes of salt, and the content under a key
/// and vector made of a passphrase. Nothing in it tells whether it was changed: a signature must.
/// </summary>
public static class OpenSslCipher
{
    /// <summary>What openssl(1) takes when nothing else is said.</summary>
    public const int DefaultIterations = 10_000;

    public const int SaltBytes = 8;

    public static ReadOnlySpan<byte> Magic => "Salted__"u8;

    public static byte[] Encrypt(ReadOnlySpan<byte> content, string passphrase, ReadOnlySpan<byte> salt, int iterations) =>
        [.. Magic, .. salt, .. Run(encrypts: true, content, passphrase, salt, iterations)];

    /// <exception cref="InvalidDataException">Another passphrase, truncated or damaged.</exception>
    public static byte[] Decrypt(ReadOnlySpan<byte> file, string? passphrase, int iterations)
    {
        if (passphrase is null) throw new InvalidDataException("encrypted overlay: a passphrase is needed, and none is known");
        var body = file[Magic.Length..];
        if (body.Length < SaltBytes + BlockCipher.BlockBytes || (body.Length - SaltBytes) % BlockCipher.BlockBytes != 0)
            throw new InvalidDataException($"encrypted overlay: truncated: it ends after {file.Length} bytes");
        try
        {
            return Run(encrypts: false, body[SaltBytes..], passphrase, body[..SaltBytes], iterations);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException("encrypted overlay: another passphrase, or damaged", error);
        }
    }

    private static byte[] Run(bool encrypts, ReadOnlySpan<byte> input, string passphrase, ReadOnlySpan<byte> salt, int iterations)
    {
        var derived = BlockCipher.DeriveKey(
            Encoding.UTF8.GetBytes(passphrase), salt, iterations, BlockCipher.KeyBytes + BlockCipher.BlockBytes);
        return BlockCipher.Cbc(encrypts, derived.AsSpan(0, BlockCipher.KeyBytes), derived.AsSpan(BlockCipher.KeyBytes), input);
    }
}
