using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Firn.Trust.Transports;

/// <summary>Whether a web server is the one that was asked for; if not, says what is wrong with its certificate.</summary>
internal static class ServerCertificates
{
    /// <param name="authoritiesFile">
    /// Certificates in PEM form, of which one must vouch for the server; null for those that the system trusts
    /// (<c>/etc/ssl/certs</c>, or <c>SSL_CERT_FILE</c> and <c>SSL_CERT_DIR</c> in the environment).
    /// </param>
    /// <exception cref="InvalidDataException">There is no certificate in the file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SslClientAuthenticationOptions Options(string? authoritiesFile) => new()
    {
        RemoteCertificateValidationCallback = Check,
        CertificateChainPolicy = authoritiesFile is null ? null : PolicyOf(authoritiesFile),
    };

    private static X509ChainPolicy PolicyOf(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(file);
        }
        catch (CryptographicException error)
        {
            throw new InvalidDataException($"{file}: {error.Message}", error);
        }
        return policy.CustomTrustStore.Count > 0 ? policy : throw new InvalidDataException($"{file}: there is no certificate in PEM form in it");
    }

    private static bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.None
            ? true
            : throw new AuthenticationException(Describe(((SslStream)sender).TargetHostName, certificate as X509Certificate2, chain, errors));

    private static string Describe(string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null) return $"{host} shows no certificate";
        var statuses = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status) ?? X509ChainStatusFlags.NoError;
        if (statuses.HasFlag(X509ChainStatusFlags.NotTimeValid) && OutOfTime(chain!) is { } late) return $"the certificate of {host} {late}";
        if ((statuses & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0)
            return $"the certificate of {host} is from '{chain!.ChainElements[^1].Certificate.Issuer}', which is not trusted here";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) return $"{host} shows a certificate that is for {certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false)}";
        return $"the certificate of {host} is not valid: {statuses}";
    }

    private static string? OutOfTime(X509Chain chain)
    {
        var now = DateTime.Now;
        foreach (var element in chain.ChainElements)
        {
            var certificate = element.Certificate;
            var whose = element == chain.ChainElements[0] ? "" : $"is from '{certificate.Subject}', whose own ";
            if (certificate.NotAfter < now) return $"{whose}expired on {Text(certificate.NotAfter)}";
            if (certificate.NotBefore > now) return $"{whose}is valid from {Text(certificate.NotBefore)} on, and the clock of this machine says {Text(now)}";
        }
        return null;
    }

    private static string Text(DateTime time) => string.Create(CultureInfo.InvariantCulture, $"{time.ToUniversalTime():yyyy-MM-dd HH:mm:ss}Z");
}
