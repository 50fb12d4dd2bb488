namespace Firn.Linux.Cryptography;

public enum SignatureScheme
{
    /// <summary>ECDSA with SHA-256 on P-256; signatures are in DER.</summary>
    EcdsaP256,

    /// <summary>RSASSA-PSS with SHA-256, 2048 bits or more.</summary>
    RsaPss,

    /// <summary>RFC 8032.</summary>
    Ed25519,
}
