using Firn.Linux.Interop;

namespace Firn.Linux.Cryptography;

/// <summary>AES with keys of 256 bits, and keys made of passphrases.</summary>
public static class BlockCipher
{
    public const int KeyBytes = 32, BlockBytes = 16, TagBytes = 16, NonceBytes = 12;
    private const string Subject = "decrypt";

    /// <summary>PBKDF2 with HMAC-SHA-256, RFC 8018.</summary>
    public static byte[] DeriveKey(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, int iterations, int sizeBytes)
    {
        var output = new byte[sizeBytes];
        CryptoCall.Check(
            LibCrypto.Pbkdf2(passphrase, passphrase.Length, salt, salt.Length, iterations, LibCrypto.Sha256(), sizeBytes, output), "PBKDF2");
        return output;
    }

    /// <summary>CBC with the padding of PKCS #7: it says nothing of whether the content was changed.</summary>
    /// <exception cref="InvalidDataException">The padding is wrong.</exception>
    public static byte[] Cbc(bool encrypts, ReadOnlySpan<byte> key, ReadOnlySpan<byte> vector, ReadOnlySpan<byte> input)
    {
        using var context = Begin(encrypts, LibCrypto.Aes256Cbc(), key, vector);
        var output = new byte[input.Length + BlockBytes];
        CryptoCall.Check(LibCrypto.Update(context, output, out var written, input, input.Length), Subject);
        CryptoCall.Check(LibCrypto.EndCipher(context, output.AsSpan(written), out var rest), Subject);
        return output[..(written + rest)];
    }

    /// <summary>GCM: the tag of 16 bytes stands behind the output, and covers what is only authenticated.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> input, ReadOnlySpan<byte> authenticated)
    {
        using var context = Begin(true, LibCrypto.Aes256Gcm(), key, nonce);
        CryptoCall.Check(LibCrypto.Update(context, [], out _, authenticated, authenticated.Length), Subject);
        var output = new byte[input.Length + TagBytes];
        CryptoCall.Check(LibCrypto.Update(context, output, out var written, input, input.Length), Subject);
        CryptoCall.Check(LibCrypto.EndCipher(context, output.AsSpan(written), out _), Subject);
        CryptoCall.Check(LibCrypto.Control(context, LibCrypto.GetTag, TagBytes, output.AsSpan(input.Length)), Subject);
        return output;
    }

    /// <exception cref="InvalidDataException">Another key, or something was changed.</exception>
    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> input, ReadOnlySpan<byte> authenticated)
    {
        if (input.Length < TagBytes) throw new InvalidDataException($"{Subject}: truncated");
        using var context = Begin(false, LibCrypto.Aes256Gcm(), key, nonce);
        CryptoCall.Check(LibCrypto.Update(context, [], out _, authenticated, authenticated.Length), Subject);
        var output = new byte[input.Length - TagBytes];
        CryptoCall.Check(LibCrypto.Update(context, output, out _, input[..output.Length], output.Length), Subject);
        CryptoCall.Check(LibCrypto.Control(context, LibCrypto.SetTag, TagBytes, input[output.Length..].ToArray()), Subject);
        CryptoCall.Check(LibCrypto.EndCipher(context, new byte[BlockBytes], out _), Subject);
        return output;
    }

    private static LibCrypto.CipherContext Begin(bool encrypts, nint cipher, ReadOnlySpan<byte> key, ReadOnlySpan<byte> vector)
    {
        var context = CryptoCall.Check(LibCrypto.NewCipherContext(), Subject);
        CryptoCall.Check(LibCrypto.BeginCipher(context, cipher, 0, key, vector, encrypts ? 1 : 0), Subject);
        return context;
    }
}
