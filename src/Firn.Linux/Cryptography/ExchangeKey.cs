using System.Text;
using Firn.Linux.Interop;

namespace Firn.Linux.Cryptography;

/// <summary>A private key of X25519 (RFC 7748): two who know each other's public key share a secret.</summary>
public sealed class ExchangeKey : IDisposable
{
    public const int SizeBytes = 32;
    private const string Subject = "X25519 key";

    private readonly LibCrypto.Key _key;

    private ExchangeKey(LibCrypto.Key key) => _key = key;

    public static ExchangeKey Generate()
    {
        using var context = CryptoCall.Check(LibCrypto.NewKeyContext(LibCrypto.KeyType.X25519, 0), Subject);
        CryptoCall.Check(LibCrypto.BeginGeneration(context), Subject);
        CryptoCall.Check(LibCrypto.Generate(context, out var key), Subject);
        return new(key);
    }

    /// <param name="pem">PKCS #8, as <c>openssl genpkey -algorithm X25519</c> makes it, not encrypted.</param>
    /// <exception cref="InvalidDataException">Not such a key.</exception>
    public static ExchangeKey FromPem(string pem) => new(Read(pem, isPublic: false));

    /// <param name="pem"><c>BEGIN PUBLIC KEY</c>.</param>
    /// <returns>32 bytes.</returns>
    /// <exception cref="InvalidDataException">Not a public key of X25519.</exception>
    public static byte[] PublicFromPem(string pem)
    {
        using var key = Read(pem, isPublic: true);
        return Raw(key);
    }

    private static unsafe LibCrypto.Key Read(string pem, bool isPublic)
    {
        var bytes = Encoding.UTF8.GetBytes(pem);
        fixed (byte* start = bytes)
        {
            using var bio = CryptoCall.Check(LibCrypto.OpenBio(start, bytes.Length), Subject);
            var key = CryptoCall.Check(
                isPublic ? LibCrypto.ReadPublicPem(bio, 0, 0, 0) : LibCrypto.ReadPrivatePem(bio, 0, 0, "\0"u8), Subject);
            if (LibCrypto.GetKeyType(key) == LibCrypto.KeyType.X25519) return key;
            key.Dispose();
            throw new InvalidDataException($"{Subject}: it is of another kind");
        }
    }

    /// <summary>32 bytes.</summary>
    public byte[] PublicKey() => Raw(_key);

    private static byte[] Raw(LibCrypto.Key key)
    {
        var output = new byte[SizeBytes];
        var size = (nuint)output.Length;
        CryptoCall.Check(LibCrypto.GetRawPublicKey(key, output, ref size), Subject);
        return output;
    }

    /// <param name="publicKey">The other's, 32 bytes.</param>
    /// <exception cref="InvalidDataException">One that makes a secret everybody knows.</exception>
    public byte[] Share(ReadOnlySpan<byte> publicKey)
    {
        using var peer = CryptoCall.Check(LibCrypto.NewRawPublicKey(LibCrypto.KeyType.X25519, 0, publicKey, (nuint)publicKey.Length), Subject);
        using var context = CryptoCall.Check(LibCrypto.NewKeyContext(_key, 0), Subject);
        CryptoCall.Check(LibCrypto.BeginDerivation(context), Subject);
        CryptoCall.Check(LibCrypto.SetPeer(context, peer), Subject);
        var secret = new byte[SizeBytes];
        var size = (nuint)secret.Length;
        CryptoCall.Check(LibCrypto.Derive(context, secret, ref size), Subject);
        return secret;
    }

    /// <summary>PKCS #8, not encrypted: the machine that has it reads it without a person.</summary>
    public string ToPem()
    {
        using var info = CryptoCall.Check(LibCrypto.ToPrivateKeyInfo(_key), Subject);
        using var bio = CryptoCall.Check(LibCrypto.NewBio(LibCrypto.MemoryMethod()), Subject);
        CryptoCall.Check(LibCrypto.WritePrivatePem(bio, info), Subject);
        return SigningKey.ReadAll(bio);
    }

    public string PublicPem()
    {
        using var bio = CryptoCall.Check(LibCrypto.NewBio(LibCrypto.MemoryMethod()), Subject);
        CryptoCall.Check(LibCrypto.WritePublicPem(bio, _key), Subject);
        return SigningKey.ReadAll(bio);
    }

    public void Dispose() => _key.Dispose();
}
