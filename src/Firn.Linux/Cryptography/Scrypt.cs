using Firn.Linux.Interop;

namespace Firn.Linux.Cryptography;

/// <summary>Keys from passphrases, RFC 7914.</summary>
public static class Scrypt
{
    /// <exception cref="InvalidDataException">The parameters are impossible.</exception>
    public static byte[] Derive(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, ulong n, ulong r, ulong p, int sizeBytes)
    {
        var output = new byte[sizeBytes];
        var memory = 128 * r * (n + p + 2) + (1 << 20);
        CryptoCall.Check(
            LibCrypto.Scrypt(
                passphrase, (nuint)passphrase.Length, salt, (nuint)salt.Length, n, r, p, memory, output, (nuint)sizeBytes), "scrypt");
        return output;
    }
}
