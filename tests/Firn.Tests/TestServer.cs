using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Firn.Tests;

/// <param name="Path">Without its query.</param>
/// <param name="RangeStart">From where on the client wants it; 0 if it does not say.</param>
internal sealed record TestRequest(string Path, long RangeStart);

/// <summary>Answers each request with the bytes it is told to, and closes; well-behaved or not.</summary>
internal sealed class TestServer : IDisposable
{
    private const string StaysOpen = "X-Test: stays-open\r\n", Trickles = "X-Test: trickles\r\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<TestRequest, byte[]> _answer;

    public TestServer(Func<TestRequest, byte[]> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
    public List<string> Requests { get; } = [];

    public static byte[] Raw(string answer) => Encoding.ASCII.GetBytes(answer);

    public static byte[] NotFound => Raw("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");

    /// <param name="body">Its length is promised.</param>
    /// <param name="sent">Bytes of it that are sent; all of them unless given.</param>
    /// <param name="staysOpen">Nothing happens after that, not even an end.</param>
    public static byte[] Ok(byte[] body, int? sent = null, bool staysOpen = false) =>
        [.. Head(body.Length, staysOpen ? StaysOpen : ""), .. body[..(sent ?? body.Length)]];

    /// <summary>The file from an offset on.</summary>
    public static byte[] Range(byte[] file, long offset) => offset == 0 ? Ok(file) : offset >= file.Length
        ? Raw($"HTTP/1.1 416 Range Not Satisfiable\r\nConnection: close\r\nContent-Range: bytes */{file.Length}\r\nContent-Length: 0\r\n\r\n")
        : [.. Raw($"HTTP/1.1 206 Partial Content\r\nConnection: close\r\nContent-Range: bytes {offset}-{file.Length - 1}/{file.Length}\r\nContent-Length: {file.Length - offset}\r\n\r\n"),
            .. file[(int)offset..]];

    /// <summary>A byte now and then.</summary>
    public static byte[] Slow(byte[] body) => [.. Head(body.Length, Trickles), .. body];

    private static byte[] Head(int length, string more) =>
        Raw($"HTTP/1.1 200 OK\r\nConnection: close\r\n{more}Content-Length: {length}\r\n\r\n");

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the test has ended
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using var _ = client;
            var stream = client.GetStream();
            var answer = _answer(await ReadRequestAsync(stream));
            if (!Has(answer, Trickles)) await stream.WriteAsync(answer, _end.Token);
            else await TrickleAsync(stream, answer);
            if (Has(answer, StaysOpen)) await Task.Delay(-1, _end.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // the client had enough, or the test has ended
        }
    }

    private async Task<TestRequest> ReadRequestAsync(NetworkStream stream)
    {
        var request = new StringBuilder();
        var buffer = new byte[4096];
        while (!request.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
            request.Append(Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer, _end.Token)));
        var lines = request.ToString().Split("\r\n");
        var path = lines[0].Split(' ')[1];
        lock (Requests) Requests.Add(path);
        var range = lines.FirstOrDefault(line => line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase));
        return new(path.Split('?')[0], range is null ? 0 : long.Parse(range["Range: bytes=".Length..].TrimEnd('-')));
    }

    private async Task TrickleAsync(NetworkStream stream, byte[] answer)
    {
        var body = answer.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        await stream.WriteAsync(answer.AsMemory(0, body), _end.Token);
        for (var at = body; at < answer.Length; at++)
        {
            await stream.WriteAsync(answer.AsMemory(at, 1), _end.Token);
            await Task.Delay(50, _end.Token);
        }
    }

    private static bool Has(byte[] answer, string header) =>
        answer.AsSpan(0, Math.Min(200, answer.Length)).IndexOf(Encoding.ASCII.GetBytes(header)) >= 0;

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
    }
}
