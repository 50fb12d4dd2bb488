using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Firn.Images.Scenarios;

/// <summary>
/// Serves the files of a directory over HTTP/1.1 (RFC 9110, 9112) on a port of 127.0.0.1: GET and HEAD, one range,
/// validators. No listings, no uploads. .NET's HttpListener is not used, because it answers only those who call it
/// 127.0.0.1, and a guest of QEMU calls it 10.0.2.2.
/// </summary>
public sealed class StaticFileServer : IDisposable
{
    private const int HeadLimit = 16 << 10;
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(2);

    private readonly string _root;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;

    public StaticFileServer(string directory)
    {
        _root = Path.GetFullPath(directory);
        _listener.Start();    // on a port that is free
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _end.Cancel();
        _accepting.Wait();    // before its listener goes: accepting on a stopped one is an error
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new HashSet<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token).ConfigureAwait(false);
                connections.RemoveWhere(connection => connection.IsCompleted);
                connections.Add(ServeAsync(client));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections).ConfigureAwait(false);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                var head = new HttpHead(stream, HeadLimit);
                while (await ReadAsync(head).ConfigureAwait(false) is { } request)
                    if (!await AnswerAsync(stream, request).ConfigureAwait(false)) return;
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or SocketException)
        {
            // The guest went away, which is what guests in tests do.
        }
    }

    private async Task<HttpRequest?> ReadAsync(HttpHead head)
    {
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        idle.CancelAfter(IdleLimit);
        return await head.ReadAsync(idle.Token).ConfigureAwait(false);
    }

    /// <returns>Whether the connection can be used again.</returns>
    private async Task<bool> AnswerAsync(NetworkStream stream, HttpRequest request)
    {
        if (request is HttpRequest.Malformed) return await RefuseAsync(stream, "400 Bad Request", keepAlive: false).ConfigureAwait(false);
        var get = (HttpRequest.Wellformed)request;
        if (get.Method is not ("GET" or "HEAD")) return await RefuseAsync(stream, "405 Method Not Allowed", keepAlive: false, "Allow: GET, HEAD\r\n").ConfigureAwait(false);
        FileStream file;
        try
        {
            if (PathOf(get.Target) is not { } path || Directory.Exists(path)) return await RefuseAsync(stream, "404 Not Found", get.KeepsAlive).ConfigureAwait(false);
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return await RefuseAsync(stream, "404 Not Found", get.KeepsAlive).ConfigureAwait(false);
        }
        await using (file.ConfigureAwait(false)) return await SendAsync(stream, get, file).ConfigureAwait(false);
    }

    private async Task<bool> SendAsync(NetworkStream stream, HttpRequest.Wellformed request, FileStream file)
    {
        var written = File.GetLastWriteTimeUtc(file.SafeFileHandle);
        var tag = string.Create(CultureInfo.InvariantCulture, $"\"{written.Ticks:x}-{file.Length:x}\"");
        var validators = $"ETag: {tag}\r\nLast-Modified: {written.ToString("R", CultureInfo.InvariantCulture)}\r\nAccept-Ranges: bytes\r\n";
        if (request.Header("If-None-Match") is { } known && (known == "*" || known.Split(',').Any(each => each.Trim() == tag)))
        {
            await WriteAsync(stream, $"HTTP/1.1 304 Not Modified\r\n{validators}\r\n").ConfigureAwait(false);
            return request.KeepsAlive;
        }

        var range = request.Header("If-Range") is { } condition && condition != tag ? HttpRange.Whole : HttpRange.Parse(request.Header("Range"), file.Length);
        if (range is null)
            return await RefuseAsync(stream, "416 Range Not Satisfiable", request.KeepsAlive, $"Content-Range: bytes */{file.Length}\r\n").ConfigureAwait(false);

        var (first, length) = range.Value == HttpRange.Whole ? (0, file.Length) : (range.Value.First, range.Value.Length);
        var status = range.Value == HttpRange.Whole ? "200 OK\r\n" : $"206 Partial Content\r\nContent-Range: bytes {first}-{first + length - 1}/{file.Length}\r\n";
        await WriteAsync(stream, $"HTTP/1.1 {status}{validators}Content-Type: application/octet-stream\r\nContent-Length: {length}\r\n\r\n").ConfigureAwait(false);
        if (request.Method == "GET") await CopyAsync(file, first, length, stream).ConfigureAwait(false);
        return request.KeepsAlive;
    }

    private async Task CopyAsync(FileStream file, long first, long length, NetworkStream stream)
    {
        file.Position = first;
        var buffer = new byte[64 << 10];
        while (length > 0)
        {
            var count = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length)), _end.Token).ConfigureAwait(false);
            if (count == 0) throw new EndOfStreamException($"{file.Name}: became shorter while it was served");
            await stream.WriteAsync(buffer.AsMemory(0, count), _end.Token).ConfigureAwait(false);
            length -= count;
        }
    }

    private async Task<bool> RefuseAsync(NetworkStream stream, string status, bool keepAlive, string headers = "")
    {
        await WriteAsync(stream, $"HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\n{(keepAlive ? "" : "Connection: close\r\n")}\r\n").ConfigureAwait(false);
        return keepAlive;
    }

    private ValueTask WriteAsync(NetworkStream stream, string head) => stream.WriteAsync(Encoding.ASCII.GetBytes(head), _end.Token);

    /// <summary>The file that a target names; null for one that lies elsewhere.</summary>
    private string? PathOf(string target)
    {
        var path = Uri.UnescapeDataString(target.Split('?')[0]);
        if (!path.StartsWith('/') || path.Contains('\0') || path.Split('/').Contains("..")) return null;
        return Path.Join(_root, path);
    }
}
