using System.Runtime.InteropServices;
using System.Text;
using Firn.Linux.Interop;

namespace Firn.Linux.Cryptography;

/// <summary>Signatures that stand beside what they sign, in DER: RFC 5652, as <c>openssl cms -sign -binary -outform DER</c> makes them.</summary>
public static class CmsSignature
{
    private const string Subject = "CMS signature";

    /// <summary>Whether bytes are such a message at all; nothing of it is believed.</summary>
    public static unsafe bool IsOne(ReadOnlySpan<byte> signature)
    {
        fixed (byte* start = signature)
        {
            using var bio = CryptoCall.Check(LibCrypto.OpenBio(start, signature.Length), Subject);
            using var message = LibCrypto.ReadCms(bio, 0);
            LibCrypto.ClearErrors();
            return !message.IsInvalid;
        }
    }

    /// <param name="content">What was signed.</param>
    /// <param name="signature">The message.</param>
    /// <param name="trusted">Certificates in PEM form; a signer's own, or one that vouches for it.</param>
    /// <param name="isForCode">The signer's certificate must be one for code; else, for mail, where it says what it is for.</param>
    /// <param name="time">When certificates must be in force.</param>
    /// <exception cref="InvalidDataException">It is not to be believed; the message says why.</exception>
    public static unsafe void Verify(
        ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature, IEnumerable<string> trusted, bool isForCode, DateTimeOffset time)
    {
        using var store = CryptoCall.Check(LibCrypto.NewStore(), Subject);
        foreach (var pem in trusted)
        {
            using var certificate = ReadCertificate(pem);
            CryptoCall.Check(LibCrypto.AddCertificate(store, certificate), Subject);
        }
        var parameters = LibCrypto.ParametersOf(store);
        CryptoCall.Check(LibCrypto.SetFlags(parameters, LibCrypto.PartialChain), Subject);
        CryptoCall.Check(LibCrypto.SetPurpose(parameters, isForCode ? LibCrypto.PurposeAny : LibCrypto.PurposeMailSigning), Subject);
        LibCrypto.SetTime(parameters, time.ToUnixTimeSeconds());
        fixed (byte* contentStart = content)
        fixed (byte* signatureStart = signature)
        {
            using var input = CryptoCall.Check(LibCrypto.OpenBio(contentStart, content.Length), Subject);
            using var bio = CryptoCall.Check(LibCrypto.OpenBio(signatureStart, signature.Length), Subject);
            using var message = CryptoCall.Check(LibCrypto.ReadCms(bio, 0), Subject);
            if (LibCrypto.Verify(message, 0, store, input, 0, LibCrypto.CmsFlags.Binary) != 1) throw Failure();
            if (isForCode) RequireCodeSigning(message);
        }
    }

    /// <exception cref="InvalidDataException">The certificate is none, or the key is not its key.</exception>
    internal static unsafe byte[] Sign(ReadOnlySpan<byte> content, string certificatePem, LibCrypto.Key key)
    {
        using var certificate = ReadCertificate(certificatePem);
        fixed (byte* start = content)
        {
            using var input = CryptoCall.Check(LibCrypto.OpenBio(start, content.Length), Subject);
            using var message = CryptoCall.Check(LibCrypto.SignCms(certificate, key, 0, input,
                LibCrypto.CmsFlags.Detached | LibCrypto.CmsFlags.Binary | LibCrypto.CmsFlags.NoCapabilities), Subject);
            using var output = CryptoCall.Check(LibCrypto.NewBio(LibCrypto.MemoryMethod()), Subject);
            CryptoCall.Check(LibCrypto.WriteCms(output, message), Subject);
            var bytes = new byte[64 << 10];
            var count = LibCrypto.Read(output, bytes, bytes.Length);
            return count > 0 && count < bytes.Length ? bytes[..count] : throw CryptoCall.Failure(Subject);
        }
    }

    private static unsafe LibCrypto.Certificate ReadCertificate(string pem)
    {
        var bytes = Encoding.UTF8.GetBytes(pem);
        fixed (byte* start = bytes)
        {
            using var bio = CryptoCall.Check(LibCrypto.OpenBio(start, bytes.Length), "certificate");
            return CryptoCall.Check(LibCrypto.ReadCertificatePem(bio, 0, 0, 0), "certificate");
        }
    }

    private static void RequireCodeSigning(LibCrypto.CmsMessage message)
    {
        var signers = LibCrypto.SignersOf(message);
        try
        {
            for (var i = 0; i < LibCrypto.CountOf(signers); i++)
                if (LibCrypto.GetUsage(LibCrypto.ItemOf(signers, i)) is var usage && (usage == uint.MaxValue || (usage & LibCrypto.UsageCodeSigning) == 0))
                    throw new InvalidDataException($"{Subject}: the signer's certificate is not one for code signing");
        }
        finally
        {
            LibCrypto.FreeStack(signers);
        }
    }

    /// <summary>All that libcrypto says: the first error names the step, one with data why a certificate does not count.</summary>
    private static unsafe InvalidDataException Failure()
    {
        var reasons = new List<string>();
        while (LibCrypto.GetError(0, 0, 0, out var data, out _) is not 0 and var error)
        {
            var reason = LibCrypto.ReasonOf(error);
            var text = data == null || *data == 0 ? reason : data;
            if (text != null && Marshal.PtrToStringUTF8((nint)text) is { } said && !reasons.Contains(said)) reasons.Add(said);
        }
        return new($"{Subject}: {(reasons.Count > 0 ? string.Join(", ", reasons) : "refused by libcrypto")}");
    }
}
