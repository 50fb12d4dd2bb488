using System.Security.Cryptography;
using System.Text;
using Firn.Linux.Interop;

namespace Firn.Linux.Cryptography;

/// <summary>A private key that signs, by libcrypto.</summary>
public sealed class SigningKey : IDisposable
{
    private const int RsaBits = 3072;
    private const string Subject = "private key";

    /// <summary>As <c>openssl pkcs8 -scrypt</c>: 16 MiB of memory for each guess.</summary>
    private const ulong ScryptN = 1 << 14, ScryptR = 8, ScryptP = 1;

    private readonly LibCrypto.Key _key;

    private SigningKey(LibCrypto.Key key, SignatureScheme scheme) => (_key, Scheme) = (key, scheme);

    public SignatureScheme Scheme { get; }

    public static SigningKey Generate(SignatureScheme scheme)
    {
        var type = scheme switch
        {
            SignatureScheme.EcdsaP256 => LibCrypto.KeyType.Ec,
            SignatureScheme.RsaPss => LibCrypto.KeyType.Rsa,
            _ => LibCrypto.KeyType.Ed25519,
        };
        using var context = CryptoCall.Check(LibCrypto.NewKeyContext(type, 0), Subject);
        CryptoCall.Check(LibCrypto.BeginGeneration(context), Subject);
        if (scheme == SignatureScheme.EcdsaP256) CryptoCall.Check(LibCrypto.SetCurve(context, LibCrypto.CurveP256), Subject);
        if (scheme == SignatureScheme.RsaPss) CryptoCall.Check(LibCrypto.SetRsaBits(context, RsaBits), Subject);
        CryptoCall.Check(LibCrypto.Generate(context, out var key), Subject);
        return new(key, scheme);
    }

    /// <param name="seed">32 bytes.</param>
    public static SigningKey FromEd25519(ReadOnlySpan<byte> seed) => new(
        CryptoCall.Check(LibCrypto.NewRawPrivateKey(LibCrypto.KeyType.Ed25519, 0, seed, (nuint)seed.Length), Subject),
        SignatureScheme.Ed25519);

    /// <exception cref="InvalidDataException">Not a private key of a kind that is used here, or another passphrase.</exception>
    public static unsafe SigningKey FromPem(string pem, string? passphrase)
    {
        var bytes = Encoding.UTF8.GetBytes(pem);
        fixed (byte* start = bytes)
        {
            using var bio = CryptoCall.Check(LibCrypto.OpenBio(start, bytes.Length), Subject);
            var key = CryptoCall.Check(LibCrypto.ReadPrivatePem(bio, 0, 0, Encoding.UTF8.GetBytes($"{passphrase}\0")), Subject);
            if (KeyKind.SchemeOf(key) is { } scheme) return new(key, scheme);
            key.Dispose();
            throw new InvalidDataException($"{Subject}: neither ECDSA P-256, Ed25519 nor RSA of 2048 bits or more");
        }
    }

    public byte[] Sign(ReadOnlySpan<byte> message) => Sign(message, Scheme);

    /// <exception cref="InvalidDataException">Not a key of RSA.</exception>
    public byte[] SignPkcs1(ReadOnlySpan<byte> message) => Scheme == SignatureScheme.RsaPss
        ? Sign(message, SignatureScheme.RsaPkcs1)
        : throw new InvalidDataException($"{Subject}: PKCS #1 asks for one of RSA");

    /// <summary>As <see cref="CmsSignature"/>.</summary>
    /// <param name="content">What is signed.</param>
    /// <param name="certificatePem">Of this key.</param>
    /// <exception cref="InvalidDataException">The certificate is none, or of another key.</exception>
    public byte[] SignCms(ReadOnlySpan<byte> content, string certificatePem) => CmsSignature.Sign(content, certificatePem, _key);

    private byte[] Sign(ReadOnlySpan<byte> message, SignatureScheme scheme)
    {
        using var context = CryptoCall.Check(LibCrypto.NewDigestContext(), Subject);
        var digest = Scheme == SignatureScheme.Ed25519 ? 0 : LibCrypto.Sha256();
        CryptoCall.Check(LibCrypto.BeginSign(context, out var keyContext, digest, 0, _key), Subject);
        if (scheme == SignatureScheme.RsaPss)
        {
            CryptoCall.Check(LibCrypto.SetRsaPadding(keyContext, LibCrypto.RsaPssPadding), Subject);
            CryptoCall.Check(LibCrypto.SetRsaSaltLength(keyContext, LibCrypto.SaltLengthOfDigest), Subject);
        }
        var signature = new byte[2048];    // RSA of 16384 bits
        var size = (nuint)signature.Length;
        CryptoCall.Check(LibCrypto.Sign(context, signature, ref size, message, (nuint)message.Length), Subject);
        return signature[..(int)size];
    }

    /// <summary>The public key as <c>BEGIN PUBLIC KEY</c>.</summary>
    public string PublicPem()
    {
        using var bio = CryptoCall.Check(LibCrypto.NewBio(LibCrypto.MemoryMethod()), Subject);
        CryptoCall.Check(LibCrypto.WritePublicPem(bio, _key), Subject);
        return ReadAll(bio);
    }

    /// <summary>32 bytes; of Ed25519 only.</summary>
    public byte[] RawPublicKey()
    {
        var output = new byte[32];
        var size = (nuint)output.Length;
        CryptoCall.Check(LibCrypto.GetRawPublicKey(_key, output, ref size), Subject);
        return output;
    }

    /// <summary>PKCS #8. With a passphrase: encrypted with AES-256 under a key made of it by scrypt.</summary>
    public string ToPem(string? passphrase)
    {
        using var info = CryptoCall.Check(LibCrypto.ToPrivateKeyInfo(_key), Subject);
        using var bio = CryptoCall.Check(LibCrypto.NewBio(LibCrypto.MemoryMethod()), Subject);
        if (string.IsNullOrEmpty(passphrase))
        {
            CryptoCall.Check(LibCrypto.WritePrivatePem(bio, info), Subject);
            return ReadAll(bio);
        }
        var salt = RandomNumberGenerator.GetBytes(16);
        var parameters = LibCrypto.ScryptParameters(LibCrypto.Aes256Cbc(), salt, salt.Length, 0, ScryptN, ScryptR, ScryptP);
        if (parameters == 0) throw CryptoCall.Failure(Subject);
        var phrase = Encoding.UTF8.GetBytes(passphrase);
        using var encrypted = CryptoCall.Check(LibCrypto.Encrypt(phrase, phrase.Length, info, parameters), Subject);
        CryptoCall.Check(LibCrypto.WriteEncryptedPem(bio, encrypted), Subject);
        return ReadAll(bio);
    }

    internal static string ReadAll(LibCrypto.MemoryBio bio)
    {
        var output = new byte[16 << 10];    // no key is longer
        var count = LibCrypto.Read(bio, output, output.Length);
        return count > 0 ? Encoding.ASCII.GetString(output, 0, count) : throw CryptoCall.Failure(Subject);
    }

    public void Dispose() => _key.Dispose();
}
