namespace Firn.Linux.Cryptography;

public enum SignatureScheme
{
    /// <summary>ECDSA with SHA-256 on P-256; signatures are in DER.</summary>
    EcdsaP256,

    /// <summary>RSASSA-PSS with SHA-256, 2048 bits or more.</summary>
    RsaPss,

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-256: read and made for formats of others, never for our own.</summary>
    RsaPkcs1,

    /// <summary>RFC 8032.</summary>
    Ed25519,
}
