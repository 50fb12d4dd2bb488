using System.Net.Sockets;
using Firn.Formats.Agents;
using Firn.Tests.Formats;
using Firn.Web.Access;

namespace Firn.Tests.Web.Access;

/// <summary>Judged by curl and openssl.</summary>
public sealed class WebCertificateTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_machine_makes_a_certificate_once_and_browsers_can_trust_it()
    {
        using var page = new TestPage(certificate: _ => AgentSettings.Generated);
        var file = Path.Combine(page.Machine.Paths.Data, WebCertificate.GeneratedPath);
        var before = WebCertificate.Open(AgentSettings.Generated, page.Machine.Paths.Root, page.Machine.Paths.Data)!.TargetCertificate;

        Assert.Equal("600", ForeignTool.Run("stat", "-c", "%a", file).Trim());
        Assert.Contains(WebCertificate.Fingerprint(before), ForeignTool.Run("openssl", "x509", "-in", file, "-noout", "-fingerprint", "-sha256"), StringComparison.Ordinal);
        Assert.Contains("OK", ForeignTool.Run("openssl", "verify", "-purpose", "sslserver", "-CAfile", file, file), StringComparison.Ordinal);
        Assert.Equal("{\"token\":null}200", page.Curl($"curl -s -w '%{{http_code}}' --cacert {file} --connect-to ::127.0.0.1:{page.Port} https://{Environment.MachineName}:{page.Port}/api/session").Trim());
        Assert.Equal("60", page.Curl($"curl -s https://127.0.0.1:{page.Port}/ > /dev/null || echo $?").Trim());    // an authority that it does not know
    }

    [Fact]
    public void A_page_with_tls_sends_others_there_and_its_cookie_nowhere_else()
    {
        using var page = new TestPage(certificate: root => Own(Path.Combine(root, "etc/own.pem"), "/etc/own.pem"));

        Assert.Equal($"308 https://127.0.0.1:{page.Port}/page.css", page.Curl("curl -s -o /dev/null -w '%{http_code} %{redirect_url}' $at/page.css").Trim());
        var said = page.Curl($"curl -s -i --cacert {_scratch.File("cert.pem")} -H 'Origin: https://127.0.0.1:{page.Port}' --data-binary '{TestPage.Password}' https://127.0.0.1:{page.Port}/api/login");
        Assert.StartsWith("HTTP/1.1 200 ", said, StringComparison.Ordinal);
        Assert.Matches("Set-Cookie: firn-session=[0-9a-f]{64}; .*; Secure\r?\n", said);
    }

    [Fact]
    public void What_is_no_handshake_ends_a_connection_and_nothing_else()
    {
        using var page = new TestPage(certificate: _ => AgentSettings.Generated);
        var random = new Random(4);
        for (var i = 0; i < 20; i++)
        {
            var garbage = new byte[200];
            random.NextBytes(garbage);
            garbage[0] = 22;
            using var client = new TcpClient("127.0.0.1", page.Port);
            var stream = client.GetStream();
            stream.Write(garbage);
            client.Client.Shutdown(SocketShutdown.Send);
            Assert.DoesNotContain("HTTP/1.1", ReadEnd(stream), StringComparison.Ordinal);
        }
        Assert.Equal("200", page.Curl($"curl -sk -o /dev/null -w '%{{http_code}}' https://127.0.0.1:{page.Port}/").Trim());
    }

    [Fact]
    public void A_file_without_its_key_is_named()
    {
        Own(_scratch.File("own.pem"), "");
        var error = Assert.Throws<InvalidDataException>(() => WebCertificate.Open("/cert.pem", _scratch.Path, _scratch.Path));
        Assert.StartsWith($"{_scratch.File("cert.pem")}: expected a certificate and its key in PEM form", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_of_its_own_that_is_damaged_is_made_again()
    {
        var file = _scratch.File(WebCertificate.GeneratedPath);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "-----BEGIN CERTIFICATE-----\n");
        WebCertificate.Open(AgentSettings.Generated, "/", _scratch.Path);
        Assert.Contains("OK", ForeignTool.Run("openssl", "verify", "-CAfile", file, file), StringComparison.Ordinal);
    }

    /// <summary>What still came before the other side hung up, however rudely.</summary>
    private static string ReadEnd(NetworkStream stream)
    {
        using var said = new MemoryStream();
        try
        {
            stream.CopyTo(said);
        }
        catch (IOException)
        {
            // a reset: bytes that nobody read were on their way
        }
        return System.Text.Encoding.Latin1.GetString(said.ToArray());
    }

    private string Own(string file, string setting)
    {
        ForeignTool.Run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", _scratch.File("key.pem"), "-out", _scratch.File("cert.pem"), "-days", "9",
            "-subj", "/CN=box", "-addext", "subjectAltName=IP:127.0.0.1");
        File.WriteAllText(file, File.ReadAllText(_scratch.File("cert.pem")) + File.ReadAllText(_scratch.File("key.pem")));
        return setting;
    }
}
