using System.Text;
using Firn.Linux.Interop;

namespace Firn.Linux.Cryptography;

/// <summary>A public key that signatures are checked with, by libcrypto.</summary>
public sealed class VerificationKey : IDisposable
{
    private readonly LibCrypto.Key _key;
    private readonly SignatureScheme _scheme;

    private VerificationKey(LibCrypto.Key key, SignatureScheme scheme) => (_key, _scheme) = (key, scheme);

    /// <param name="key">32 bytes.</param>
    /// <exception cref="InvalidDataException">Not a key.</exception>
    public static VerificationKey FromEd25519(ReadOnlySpan<byte> key) => new(
        CryptoCall.Check(LibCrypto.NewRawPublicKey(LibCrypto.KeyType.Ed25519, 0, key, (nuint)key.Length), "Ed25519 public key"),
        SignatureScheme.Ed25519);

    /// <param name="pem"><c>BEGIN PUBLIC KEY</c>: a SubjectPublicKeyInfo.</param>
    /// <exception cref="InvalidDataException">Not a key for this scheme.</exception>
    public static unsafe VerificationKey FromPem(SignatureScheme scheme, string pem)
    {
        var bytes = Encoding.UTF8.GetBytes(pem);
        fixed (byte* start = bytes)
        {
            using var bio = CryptoCall.Check(LibCrypto.OpenBio(start, bytes.Length), "public key");
            var key = CryptoCall.Check(LibCrypto.ReadPublicPem(bio, 0, 0, 0), "public key");
            if (KeyKind.SchemeOf(key) == (scheme == SignatureScheme.RsaPkcs1 ? SignatureScheme.RsaPss : scheme)) return new(key, scheme);
            key.Dispose();
            throw new InvalidDataException($"public key is none that {scheme} can be verified with");
        }
    }

    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        using var context = CryptoCall.Check(LibCrypto.NewDigestContext(), "signature");
        var digest = _scheme == SignatureScheme.Ed25519 ? 0 : LibCrypto.Sha256();
        CryptoCall.Check(LibCrypto.BeginVerify(context, out var keyContext, digest, 0, _key), "signature");
        if (_scheme == SignatureScheme.RsaPss)
        {
            CryptoCall.Check(LibCrypto.SetRsaPadding(keyContext, LibCrypto.RsaPssPadding), "signature");
            CryptoCall.Check(LibCrypto.SetRsaSaltLength(keyContext, LibCrypto.SaltLengthAny), "signature");
        }
        var isValid = LibCrypto.Verify(context, signature, (nuint)signature.Length, message, (nuint)message.Length) == 1;
        LibCrypto.ClearErrors();
        return isValid;
    }

    public void Dispose() => _key.Dispose();
}
