using Firn.Linux.Cryptography;
using Firn.Swu.Archives;

namespace Firn.Swu.Signatures;

/// <summary>Whether a file was signed by somebody who counts. It is asked before anything else in it is looked at.</summary>
internal static class SwuTrust
{
    /// <param name="archive">The file.</param>
    /// <param name="settings">Who counts.</param>
    /// <param name="time">When certificates must be in force.</param>
    /// <exception cref="UntrustedSwuException">Nobody who counts signed it; the message says why.</exception>
    public static void Verify(SwuArchive archive, SwuSettings settings, DateTimeOffset time)
    {
        if (archive.Signature is not { Length: > 0 } signature)
            throw new UntrustedSwuException($"{archive.Name}: nobody signed it: {SwuNames.Signature} does not follow {SwuNames.Description}");
        try
        {
            if (CmsSignature.IsOne(signature)) VerifyCms(archive, signature, settings, time);
            else VerifyRsa(archive, signature, settings);
        }
        catch (InvalidDataException error)
        {
            throw new UntrustedSwuException($"{archive.Name}: {error.Message}");
        }
    }

    private static void VerifyCms(SwuArchive archive, byte[] signature, SwuSettings settings, DateTimeOffset time)
    {
        if (settings.Certificates.Count == 0) throw new InvalidDataException("it is signed by CMS, and this machine has no certificate for that (swu.conf: certificate)");
        CmsSignature.Verify(archive.Description, signature, settings.Certificates, settings.IsForCode, time);
    }

    private static void VerifyRsa(SwuArchive archive, byte[] signature, SwuSettings settings)
    {
        if (settings.PublicKeys.Count == 0)
            throw new InvalidDataException("its signature is not CMS, and this machine has no public key for another kind (swu.conf: public.key)");
        foreach (var pem in settings.PublicKeys)
            foreach (var scheme in new[] { SignatureScheme.RsaPss, SignatureScheme.RsaPkcs1 })
            {
                using var key = VerificationKey.FromPem(scheme, pem);
                if (key.Verify(archive.Description, signature)) return;
            }
        throw new InvalidDataException("its signature is of no public key of this machine (RSA, PSS or PKCS #1), or the description was changed");
    }
}
