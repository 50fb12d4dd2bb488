using Firn.Linux.Cryptography;

namespace Firn.Trust.Keys;

/// <summary>A private key in memory, read from or written to a file in PEM form (PKCS #8), with a passphrase or without.</summary>
public sealed class PrivateKey : ISigner, IDisposable
{
    private readonly SigningKey _key;

    private PrivateKey(SigningKey key)
    {
        _key = key;
        PublicKey = key.Scheme switch
        {
            SignatureScheme.EcdsaP256 => new("ecdsa", "ecdsa-sha2-nistp256", key.PublicPem()),
            SignatureScheme.RsaPss => new("rsa", "rsassa-pss-sha256", key.PublicPem()),
            _ => new("ed25519", "ed25519", Convert.ToHexStringLower(key.RawPublicKey())),
        };
        KeyId = PublicKey.Id;
    }

    public PublicKey PublicKey { get; }

    public string KeyId { get; }

    public static PrivateKey Generate(SignatureScheme scheme) => new(SigningKey.Generate(scheme));

    /// <exception cref="InvalidDataException">Not a private key of a kind that signs metadata, or another passphrase.</exception>
    public static PrivateKey FromPem(string pem, string? passphrase) => new(SigningKey.FromPem(pem, passphrase));

    /// <param name="passphrase">Null or empty leaves the key unencrypted.</param>
    public string ToPem(string? passphrase) => _key.ToPem(passphrase);

    public byte[] Sign(ReadOnlySpan<byte> message) => _key.Sign(message);

    public void Dispose() => _key.Dispose();
}
