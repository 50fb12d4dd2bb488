using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Firn.Tests;

/// <summary>An authority that a test trusts, or not, and the certificates it gives to servers.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset Begin = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), End = new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly X509Certificate2 _certificate;

    public TestAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _certificate = request.CreateSelfSigned(Begin, End);
    }

    public string Pem => _certificate.ExportCertificatePem();

    public X509Certificate2 Issue(string host, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(_certificate, from ?? Begin, until ?? End, RandomNumberGenerator.GetBytes(8));
        using var both = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(both.Export(X509ContentType.Pkcs12), null);
    }

    public void Dispose() => _certificate.Dispose();
}

/// <summary>Answers over TLS on the loopback, as <c>localhost</c>.</summary>
internal sealed class TestTlsServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate;
    private readonly Func<string, byte[]> _answer;

    public TestTlsServer(X509Certificate2 certificate, Func<string, byte[]> answer)
    {
        (_certificate, _answer) = (certificate, answer);
        _listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public Uri Address => new($"https://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>Paths that were asked for.</summary>
    public List<string> Requests { get; } = [];

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // the test has ended
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            await using var stream = new SslStream(client.GetStream());
            await stream.AuthenticateAsServerAsync(_certificate);
            var request = new StringBuilder();
            var buffer = new byte[4096];
            while (!request.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
            {
                var count = await stream.ReadAsync(buffer);
                if (count == 0) return;
                request.Append(Encoding.ASCII.GetString(buffer, 0, count));
            }
            var path = request.ToString().Split(' ')[1];
            lock (Requests) Requests.Add(path);
            await stream.WriteAsync(_answer(path));
            await stream.ShutdownAsync();
        }
        catch (Exception error) when (error is IOException or AuthenticationException)
        {
            // the client did not like what it saw
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _certificate.Dispose();
    }
}
