using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Firn.Images.Scenarios;

namespace Firn.Tests.Images.Scenarios;

public sealed class StaticFileServerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("firn-test-").FullName;
    private readonly StaticFileServer _server;

    public StaticFileServerTests()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "root", "sub dir"));
        File.WriteAllText(Path.Combine(_directory, "root", "sub dir", "ü.bin"), "0123456789");
        File.WriteAllText(Path.Combine(_directory, "root", "empty"), "");
        File.WriteAllText(Path.Combine(_directory, "secret"), "secret");
        _server = new(Path.Combine(_directory, "root"));
    }

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("", "200", "0123456789")]
    [InlineData("-r 2-4", "206", "234")]
    [InlineData("-r 7-", "206", "789")]
    [InlineData("-r -3", "206", "789")]
    [InlineData("-r 5-100", "206", "56789")]
    [InlineData("-r -100", "206", "0123456789")]
    [InlineData("-r 10-", "416", "")]
    [InlineData("-r 0-1,3-4", "200", "0123456789")]
    [InlineData("-r 99999999999999999999-", "416", "")]
    [InlineData("-H If-Range:x -r 2-4", "200", "0123456789")]
    [InlineData("-H If-None-Match:*", "304", "")]
    [InlineData("-H Host:10.0.2.2:1 -r 0-0", "206", "0")]
    [InlineData("-0", "200", "0123456789")]
    public void Curl_gets_the_file_or_a_part(string options, string status, string body) =>
        Assert.Equal(body + status, Curl($"{options} sub%20dir/%C3%BC.bin?query"));

    [Theory]
    [InlineData("missing")]
    [InlineData("../secret")]
    [InlineData("%2e%2e/secret")]
    [InlineData("sub%20dir/..%2f..%2f..%2fsecret")]
    [InlineData("%2fetc/passwd")]
    [InlineData("sub%20dir")]
    [InlineData("a%00b")]
    [InlineData("")]
    public void What_is_no_file_of_the_directory_is_not_there(string path) => Assert.Equal("404", Curl($"--path-as-is {path}"));

    [Fact]
    public void Validators_make_a_range_conditional()
    {
        var head = Curl("-I sub%20dir/%C3%BC.bin");
        var tag = head.Split("ETag: ")[1].Split("\r\n")[0];

        Assert.Contains("Content-Length: 10\r\n", head);
        Assert.Contains("Accept-Ranges: bytes\r\n", head);
        Assert.Equal("304", Curl($"-H If-None-Match:{tag} sub%20dir/%C3%BC.bin"));
        Assert.Equal("12206", Curl($"-H If-Range:{tag} -r 1-2 sub%20dir/%C3%BC.bin"));
    }

    [Fact]
    public void One_connection_serves_many_requests() =>
        Assert.Equal("0123456789200200404", Curl("sub%20dir/%C3%BC.bin", "empty", "missing"));

    [Fact]
    public void Nothing_is_taken() => Assert.Equal("405", Curl("-X POST -d x empty"));

    [Theory]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("GET / HTTP/9.9\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nno colon\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nA: 1\r\nA: 2\r\n\r\n")]
    public void What_is_no_request_is_refused(string request) => Assert.StartsWith("HTTP/1.1 400 ", Exchange(request));

    [Fact]
    public void An_endless_head_is_cut_off() => Assert.StartsWith("HTTP/1.1 400 ", Exchange("GET / HTTP/1.1\r\nA: " + new string('a', 16 << 10)));

    [Theory]
    [InlineData(null, 10, -1, -1)]
    [InlineData("bytes=0-0", 10, 0, 1)]
    [InlineData("bytes=0-99", 10, 0, 10)]
    [InlineData("bytes=5-4", 10, -1, -1)]
    [InlineData("bytes=-", 10, -1, -1)]
    [InlineData("chars=0-1", 10, -1, -1)]
    [InlineData("bytes=-4", 10, 6, 4)]
    [InlineData("bytes=3-99999999999999999999", 10, 3, 7)]
    public void Ranges_are_read(string? header, long size, long first, long length) =>
        Assert.Equal(new HttpRange(first, length), HttpRange.Parse(header, size));

    [Theory]
    [InlineData("bytes=0-0", 0)]
    [InlineData("bytes=-1", 0)]
    [InlineData("bytes=-0", 10)]
    [InlineData("bytes=10-10", 10)]
    public void Ranges_of_nothing_are_told(string header, long size) => Assert.Null(HttpRange.Parse(header, size));

    private string Exchange(string request)
    {
        using var client = new TcpClient("127.0.0.1", _server.Port);
        var stream = client.GetStream();
        stream.Write(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return reader.ReadToEnd();
    }

    /// <summary>What curl writes: the bodies, each with its status behind. Options and a path, split at spaces.</summary>
    private string Curl(params string[] requests)
    {
        var arguments = new List<string> { "-s", "-g", "-w", "%{http_code}" };
        foreach (var request in requests)
        {
            var words = request.Split(' ');
            arguments.AddRange(words[..^1].Where(word => word.Length > 0));
            arguments.Add($"http://127.0.0.1:{_server.Port}/{words[^1]}");
        }
        using var process = Process.Start(new ProcessStartInfo("curl", arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
