using System.Net.Sockets;
using System.Text;

namespace Firn.Images.Scenarios;

/// <summary>What a client asks for, without a body: we take none.</summary>
internal abstract record HttpRequest
{
    private HttpRequest() { }

    public sealed record Malformed : HttpRequest;

    public sealed record Wellformed(string Method, string Target, string Version, Dictionary<string, string> Headers) : HttpRequest
    {
        public string? Header(string name) => Headers.GetValueOrDefault(name);

        /// <summary>A body would have to be read before the next request; who sends one is not asked again.</summary>
        public bool KeepsAlive =>
            Version == "HTTP/1.1" && Header("Content-Length") is null or "0" && Header("Transfer-Encoding") is null
            && !string.Equals(Header("Connection"), "close", StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>Reads the heads of requests from a connection, one after the other.</summary>
internal sealed class HttpHead(NetworkStream stream, int limit)
{
    private readonly byte[] _buffer = new byte[limit];
    private int _length;

    /// <returns>Null when the client has closed the connection.</returns>
    public async Task<HttpRequest?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var end = _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                var head = Encoding.Latin1.GetString(_buffer, 0, end);
                _length -= end + 4;
                _buffer.AsSpan(end + 4, _length).CopyTo(_buffer);
                return Parse(head);
            }
            if (_length == _buffer.Length) return new HttpRequest.Malformed();
            var count = await stream.ReadAsync(_buffer.AsMemory(_length), cancellation).ConfigureAwait(false);
            if (count == 0) return null;
            _length += count;
        }
    }

    internal static HttpRequest Parse(string head)
    {
        var lines = head.Split("\r\n");
        if (lines[0].Split(' ') is not [{ Length: > 0 } method, { Length: > 0 } target, var version]
            || version is not ("HTTP/1.0" or "HTTP/1.1"))
            return new HttpRequest.Malformed();
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':');
            if (colon <= 0 || !headers.TryAdd(line[..colon], line[(colon + 1)..].Trim())) return new HttpRequest.Malformed();
        }
        return new HttpRequest.Wellformed(method, target, version, headers);
    }
}
