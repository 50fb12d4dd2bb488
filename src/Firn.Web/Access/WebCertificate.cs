using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Firn.Formats.Agents;
using Firn.Linux.Files;

namespace Firn.Web.Access;

/// <summary>What the page proves itself with: a certificate of the machine's owner, or one that the machine made for itself.</summary>
public static class WebCertificate
{
    /// <summary>Where a machine keeps its own, on its data partition: an update does not change it, and people may have trusted it.</summary>
    public const string GeneratedPath = "firn/web.pem";

    private const string ForServers = "1.3.6.1.5.5.7.3.1";    // RFC 5280, 4.2.1.12: serverAuth

    /// <summary>Fixed: clocks of machines are wrong when they are new.</summary>
    private static readonly DateTimeOffset
        From = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero), Until = new(2075, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="setting"><see cref="AgentSettings.WebCertificate"/>.</param>
    /// <param name="root">Of the system.</param>
    /// <param name="data">The data partition.</param>
    /// <returns>Null for a page without TLS.</returns>
    /// <exception cref="InvalidDataException">The owner's file holds no certificate with its key.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SslStreamCertificateContext? Open(string setting, string root, string data)
    {
        if (setting == AgentSettings.Off) return null;
        if (setting != AgentSettings.Generated) return Read(Path.Combine(root, setting.TrimStart('/')));
        var file = Path.Combine(data, GeneratedPath);
        try
        {
            if (File.Exists(file)) return Read(file);
        }
        catch (InvalidDataException)
        {
            // nobody but the machine wrote it: what is broken is made again
        }
        DurableFile.ReplaceSecret(file, Make(Environment.MachineName));
        return Read(file);
    }

    /// <summary>As browsers show it, to be compared: SHA-256 of the certificate.</summary>
    public static string Fingerprint(X509Certificate2 certificate) =>
        string.Join(':', certificate.GetCertHash(HashAlgorithmName.SHA256).Select(part => part.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));

    private static SslStreamCertificateContext Read(string file)
    {
        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPemFile(file);
            // those between it and an authority are sent along, and nothing is fetched
            return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(file), all, offline: true);
        }
        catch (CryptographicException error)
        {
            throw new InvalidDataException($"{file}: expected a certificate and its key in PEM form: {error.Message}", error);
        }
    }

    /// <returns>Certificate and key, PEM.</returns>
    private static byte[] Make(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        names.AddDnsName($"{host}.local");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new(ForServers)], false));
        using var certificate = request.CreateSelfSigned(From, Until);
        return Encoding.ASCII.GetBytes($"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
    }
}
