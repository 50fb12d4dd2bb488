using System.Security.Cryptography;
using Firn.Linux.Cryptography;

namespace Firn.Trust.Keys;

/// <summary>Public keys as <c>BEGIN PUBLIC KEY</c>, whatever their kind; what people pass on.</summary>
public static class PublicKeyPem
{
    private const string Label = "PUBLIC KEY";

    /// <summary>DER of a SubjectPublicKeyInfo for Ed25519 (RFC 8410), before the 32 bytes of the key.</summary>
    private static ReadOnlySpan<byte> Ed25519Prefix => [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

    /// <param name="text">May hold other PEM blocks too.</param>
    /// <param name="subject">For messages: the file's name.</param>
    /// <exception cref="InvalidDataException">No public key that metadata can be signed with.</exception>
    public static PublicKey Read(string text, string subject)
    {
        if (PemBlock.Find(text, Label) is not { } pem)
            throw new InvalidDataException($"{subject}: no BEGIN {Label} in it");
        var der = PemBlock.Decode(pem);
        if (der.AsSpan().StartsWith(Ed25519Prefix) && der.Length == Ed25519Prefix.Length + 32)
            return new("ed25519", "ed25519", Convert.ToHexStringLower(der.AsSpan(Ed25519Prefix.Length)));
        // Written anew: a key id is over the text, which must not depend on how somebody broke its lines.
        var canonical = Write(der);
        if (Fits(SignatureScheme.EcdsaP256, canonical)) return new("ecdsa", "ecdsa-sha2-nistp256", canonical);
        if (Fits(SignatureScheme.RsaPss, canonical)) return new("rsa", "rsassa-pss-sha256", canonical);
        throw new InvalidDataException($"{subject}: neither ECDSA P-256, Ed25519 nor RSA of 2048 bits or more");
    }

    public static string Write(PublicKey key) => key.SignatureScheme == SignatureScheme.Ed25519
        ? Write([.. Ed25519Prefix, .. Convert.FromHexString(key.Public)])
        : key.Public;

    private static string Write(byte[] der) => PemEncoding.WriteString(Label, der) + "\n";

    private static bool Fits(SignatureScheme scheme, string pem)
    {
        try
        {
            VerificationKey.FromPem(scheme, pem).Dispose();
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
