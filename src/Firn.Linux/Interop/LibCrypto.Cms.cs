using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Firn.Linux.Interop;

/// <summary>cms.h, x509.h, x509_vfy.h, x509v3.h, stack.h.</summary>
internal static unsafe partial class LibCrypto
{
    [Flags]
    public enum CmsFlags : uint { None = 0, Detached = 0x40, Binary = 0x80, NoCapabilities = 0x200 }

    /// <summary>X509_V_FLAG_PARTIAL_CHAIN: what is trusted need not sign itself.</summary>
    public const nuint PartialChain = 0x80000;

    /// <summary>X509_PURPOSE_….</summary>
    public const int PurposeMailSigning = 4, PurposeAny = 7;

    /// <summary>XKU_CODE_SIGN.</summary>
    public const uint UsageCodeSigning = 8;

    /// <summary>X509.</summary>
    internal sealed class Certificate() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            FreeCertificate(handle);
            return true;
        }
    }

    /// <summary>X509_STORE.</summary>
    internal sealed class CertificateStore() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            FreeStore(handle);
            return true;
        }
    }

    /// <summary>CMS_ContentInfo.</summary>
    internal sealed class CmsMessage() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            FreeCms(handle);
            return true;
        }
    }

    [LibraryImport(Library, EntryPoint = "ERR_get_error_all")]
    internal static partial nuint GetError(nint file, nint line, nint function, out byte* data, out int flags);

    [LibraryImport(Library, EntryPoint = "X509_free")]
    private static partial void FreeCertificate(nint certificate);

    [LibraryImport(Library, EntryPoint = "PEM_read_bio_X509")]
    internal static partial Certificate ReadCertificatePem(MemoryBio bio, nint existing, nint callback, nint user);

    [LibraryImport(Library, EntryPoint = "X509_get_extended_key_usage")]
    internal static partial uint GetUsage(nint certificate);

    [LibraryImport(Library, EntryPoint = "X509_STORE_new")]
    internal static partial CertificateStore NewStore();

    [LibraryImport(Library, EntryPoint = "X509_STORE_free")]
    private static partial void FreeStore(nint store);

    [LibraryImport(Library, EntryPoint = "X509_STORE_add_cert")]
    internal static partial int AddCertificate(CertificateStore store, Certificate certificate);

    /// <summary>X509_VERIFY_PARAM, which belongs to the store.</summary>
    [LibraryImport(Library, EntryPoint = "X509_STORE_get0_param")]
    internal static partial nint ParametersOf(CertificateStore store);

    [LibraryImport(Library, EntryPoint = "X509_VERIFY_PARAM_set_flags")]
    internal static partial int SetFlags(nint parameters, nuint flags);

    [LibraryImport(Library, EntryPoint = "X509_VERIFY_PARAM_set_purpose")]
    internal static partial int SetPurpose(nint parameters, int purpose);

    [LibraryImport(Library, EntryPoint = "X509_VERIFY_PARAM_set_time")]
    internal static partial void SetTime(nint parameters, long seconds);

    [LibraryImport(Library, EntryPoint = "CMS_ContentInfo_free")]
    private static partial void FreeCms(nint message);

    [LibraryImport(Library, EntryPoint = "d2i_CMS_bio")]
    internal static partial CmsMessage ReadCms(MemoryBio bio, nint existing);

    [LibraryImport(Library, EntryPoint = "i2d_CMS_bio")]
    internal static partial int WriteCms(MemoryBio bio, CmsMessage message);

    [LibraryImport(Library, EntryPoint = "CMS_verify")]
    internal static partial int Verify(CmsMessage message, nint certificates, CertificateStore store, MemoryBio content, nint output, CmsFlags flags);

    [LibraryImport(Library, EntryPoint = "CMS_sign")]
    internal static partial CmsMessage SignCms(Certificate certificate, Key key, nint certificates, MemoryBio content, CmsFlags flags);

    /// <summary>A stack of certificates that belong to the message; the stack itself is the caller's.</summary>
    [LibraryImport(Library, EntryPoint = "CMS_get0_signers")]
    internal static partial nint SignersOf(CmsMessage message);

    [LibraryImport(Library, EntryPoint = "OPENSSL_sk_num")]
    internal static partial int CountOf(nint stack);

    [LibraryImport(Library, EntryPoint = "OPENSSL_sk_value")]
    internal static partial nint ItemOf(nint stack, int index);

    [LibraryImport(Library, EntryPoint = "OPENSSL_sk_free")]
    internal static partial void FreeStack(nint stack);
}
