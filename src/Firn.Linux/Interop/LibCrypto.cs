using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Firn.Linux.Interop;

/// <summary>OpenSSL 3's libcrypto: evp.h, pem.h, bio.h, x509.h. Calls return 1 when they succeed, or a pointer.</summary>
internal static unsafe partial class LibCrypto
{
    private const string Library = "libcrypto.so.3";

    public const int RsaPssPadding = 6;
    public const int SaltLengthOfDigest = -1;
    public const int SaltLengthAny = -2;
    public const int CurveP256 = 415;

    /// <summary>Numbers of key types: EVP_PKEY_….</summary>
    public enum KeyType { Rsa = 6, Ec = 408, X25519 = 1034, Ed25519 = 1087 }

    /// <summary>EVP_PKEY.</summary>
    internal sealed class Key() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            FreeKey(handle);
            return true;
        }
    }

    /// <summary>EVP_PKEY_CTX.</summary>
    internal sealed class KeyContext() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            FreeKeyContext(handle);
            return true;
        }
    }

    /// <summary>EVP_MD_CTX.</summary>
    internal sealed class DigestContext() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            FreeDigestContext(handle);
            return true;
        }
    }

    /// <summary>BIO in memory.</summary>
    internal sealed class MemoryBio() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle() => FreeBio(handle) == 1;
    }

    /// <summary>PKCS8_PRIV_KEY_INFO.</summary>
    internal sealed class PrivateKeyInfo() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            FreePrivateKeyInfo(handle);
            return true;
        }
    }

    /// <summary>X509_SIG: here, an encrypted private key.</summary>
    internal sealed class EncryptedKey() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            FreeEncryptedKey(handle);
            return true;
        }
    }

    /// <summary>EVP_CIPHER_CTX.</summary>
    internal sealed class CipherContext() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            FreeCipherContext(handle);
            return true;
        }
    }

    [LibraryImport(Library, EntryPoint = "ERR_get_error")]
    internal static partial nuint GetError();

    [LibraryImport(Library, EntryPoint = "ERR_reason_error_string")]
    internal static partial byte* ReasonOf(nuint error);

    [LibraryImport(Library, EntryPoint = "ERR_clear_error")]
    internal static partial void ClearErrors();

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_free")]
    private static partial void FreeKey(nint key);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    internal static partial Key NewRawPublicKey(KeyType type, nint engine, ReadOnlySpan<byte> key, nuint size);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_new_raw_private_key")]
    internal static partial Key NewRawPrivateKey(KeyType type, nint engine, ReadOnlySpan<byte> key, nuint size);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_get_raw_public_key")]
    internal static partial int GetRawPublicKey(Key key, Span<byte> output, ref nuint size);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_get_base_id")]
    internal static partial KeyType GetKeyType(Key key);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_get_bits")]
    internal static partial int GetBits(Key key);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_get_group_name")]
    internal static partial int GetGroupName(Key key, Span<byte> name, nuint capacity, out nuint size);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_new_id")]
    internal static partial KeyContext NewKeyContext(KeyType type, nint engine);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_free")]
    private static partial void FreeKeyContext(nint context);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_keygen_init")]
    internal static partial int BeginGeneration(KeyContext context);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_set_ec_paramgen_curve_nid")]
    internal static partial int SetCurve(KeyContext context, int curve);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_set_rsa_keygen_bits")]
    internal static partial int SetRsaBits(KeyContext context, int bits);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_keygen")]
    internal static partial int Generate(KeyContext context, out Key key);

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_new")]
    internal static partial DigestContext NewDigestContext();

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_free")]
    private static partial void FreeDigestContext(nint context);

    [LibraryImport(Library, EntryPoint = "EVP_sha256")]
    internal static partial nint Sha256();

    /// <param name="keyContext">Gets an EVP_PKEY_CTX that belongs to <paramref name="context"/>.</param>
    [LibraryImport(Library, EntryPoint = "EVP_DigestVerifyInit")]
    internal static partial int BeginVerify(DigestContext context, out nint keyContext, nint digest, nint engine, Key key);

    [LibraryImport(Library, EntryPoint = "EVP_DigestVerify")]
    internal static partial int Verify(
        DigestContext context, ReadOnlySpan<byte> signature, nuint signatureSize, ReadOnlySpan<byte> message, nuint messageSize);

    /// <param name="keyContext">Gets an EVP_PKEY_CTX that belongs to <paramref name="context"/>.</param>
    [LibraryImport(Library, EntryPoint = "EVP_DigestSignInit")]
    internal static partial int BeginSign(DigestContext context, out nint keyContext, nint digest, nint engine, Key key);

    [LibraryImport(Library, EntryPoint = "EVP_DigestSign")]
    internal static partial int Sign(
        DigestContext context, Span<byte> signature, ref nuint signatureSize, ReadOnlySpan<byte> message, nuint messageSize);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_set_rsa_padding")]
    internal static partial int SetRsaPadding(nint keyContext, int padding);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_set_rsa_pss_saltlen")]
    internal static partial int SetRsaSaltLength(nint keyContext, int length);

    [LibraryImport(Library, EntryPoint = "BIO_new_mem_buf")]
    internal static partial MemoryBio OpenBio(byte* content, int size);

    [LibraryImport(Library, EntryPoint = "BIO_s_mem")]
    internal static partial nint MemoryMethod();

    [LibraryImport(Library, EntryPoint = "BIO_new")]
    internal static partial MemoryBio NewBio(nint method);

    [LibraryImport(Library, EntryPoint = "BIO_free")]
    private static partial int FreeBio(nint bio);

    [LibraryImport(Library, EntryPoint = "BIO_read")]
    internal static partial int Read(MemoryBio bio, Span<byte> output, int size);

    [LibraryImport(Library, EntryPoint = "PEM_read_bio_PUBKEY")]
    internal static partial Key ReadPublicPem(MemoryBio bio, nint existing, nint callback, nint user);

    [LibraryImport(Library, EntryPoint = "PEM_write_bio_PUBKEY")]
    internal static partial int WritePublicPem(MemoryBio bio, Key key);

    /// <param name="passphrase">Ends with a zero byte; without a callback it is what libcrypto asks for.</param>
    [LibraryImport(Library, EntryPoint = "PEM_read_bio_PrivateKey")]
    internal static partial Key ReadPrivatePem(MemoryBio bio, nint existing, nint callback, ReadOnlySpan<byte> passphrase);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY2PKCS8")]
    internal static partial PrivateKeyInfo ToPrivateKeyInfo(Key key);

    [LibraryImport(Library, EntryPoint = "PKCS8_PRIV_KEY_INFO_free")]
    private static partial void FreePrivateKeyInfo(nint info);

    [LibraryImport(Library, EntryPoint = "PEM_write_bio_PKCS8_PRIV_KEY_INFO")]
    internal static partial int WritePrivatePem(MemoryBio bio, PrivateKeyInfo info);

    [LibraryImport(Library, EntryPoint = "EVP_aes_256_cbc")]
    internal static partial nint Aes256Cbc();

    /// <summary>An X509_ALGOR that <see cref="Encrypt"/> takes over.</summary>
    [LibraryImport(Library, EntryPoint = "PKCS5_pbe2_set_scrypt")]
    internal static partial nint ScryptParameters(
        nint cipher, ReadOnlySpan<byte> salt, int saltSize, nint vector, ulong n, ulong r, ulong p);

    [LibraryImport(Library, EntryPoint = "PKCS8_set0_pbe")]
    internal static partial EncryptedKey Encrypt(ReadOnlySpan<byte> passphrase, int size, PrivateKeyInfo info, nint parameters);

    [LibraryImport(Library, EntryPoint = "X509_SIG_free")]
    private static partial void FreeEncryptedKey(nint key);

    [LibraryImport(Library, EntryPoint = "PEM_write_bio_PKCS8")]
    internal static partial int WriteEncryptedPem(MemoryBio bio, EncryptedKey key);

    [LibraryImport(Library, EntryPoint = "EVP_PBE_scrypt")]
    internal static partial int Scrypt(
        ReadOnlySpan<byte> passphrase, nuint passphraseSize, ReadOnlySpan<byte> salt, nuint saltSize,
        ulong n, ulong r, ulong p, ulong maximumBytes, Span<byte> output, nuint size);

    /// <summary>For <see cref="Control"/>: EVP_CTRL_AEAD_GET_TAG and EVP_CTRL_AEAD_SET_TAG.</summary>
    public const int GetTag = 0x10, SetTag = 0x11;

    [LibraryImport(Library, EntryPoint = "EVP_aes_256_gcm")]
    internal static partial nint Aes256Gcm();

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_new")]
    internal static partial CipherContext NewCipherContext();

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_free")]
    private static partial void FreeCipherContext(nint context);

    /// <param name="encrypts">1 to encrypt, 0 to decrypt.</param>
    [LibraryImport(Library, EntryPoint = "EVP_CipherInit_ex")]
    internal static partial int BeginCipher(
        CipherContext context, nint cipher, nint engine, ReadOnlySpan<byte> key, ReadOnlySpan<byte> vector, int encrypts);

    /// <param name="output">Empty for what is authenticated only.</param>
    [LibraryImport(Library, EntryPoint = "EVP_CipherUpdate")]
    internal static partial int Update(CipherContext context, Span<byte> output, out int written, ReadOnlySpan<byte> input, int size);

    [LibraryImport(Library, EntryPoint = "EVP_CipherFinal_ex")]
    internal static partial int EndCipher(CipherContext context, Span<byte> output, out int written);

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_ctrl")]
    internal static partial int Control(CipherContext context, int command, int size, Span<byte> value);

    [LibraryImport(Library, EntryPoint = "PKCS5_PBKDF2_HMAC")]
    internal static partial int Pbkdf2(
        ReadOnlySpan<byte> passphrase, int passphraseSize, ReadOnlySpan<byte> salt, int saltSize, int iterations, nint digest,
        int size, Span<byte> output);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_new")]
    internal static partial KeyContext NewKeyContext(Key key, nint engine);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_derive_init")]
    internal static partial int BeginDerivation(KeyContext context);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_derive_set_peer")]
    internal static partial int SetPeer(KeyContext context, Key peer);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_derive")]
    internal static partial int Derive(KeyContext context, Span<byte> secret, ref nuint size);
}
