using System.Net;
using Firn.Formats.Releases;

namespace Firn.Machine.Updates;

/// <summary>
/// A release on a web server: plain GETs of the manifest and of the files beside it. Redirects are followed, but never
/// from https to http.
/// </summary>
internal sealed class HttpReleaseSource : IReleaseSource
{
    private readonly Uri _manifest;
    private readonly HttpLimits _limits;
    private readonly HttpClient _client;

    public HttpReleaseSource(Uri source, HttpLimits limits)
    {
        _limits = limits;
        _manifest = source.AbsolutePath.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? source
            : new UriBuilder(source) { Path = $"{source.AbsolutePath.TrimEnd('/')}/{ReleaseManifest.FileName}" }.Uri;
        _client = new(new SocketsHttpHandler
        {
            ConnectTimeout = limits.ConnectTimeout,
            MaxAutomaticRedirections = limits.MaximumRedirects,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,    // a large image may take hours: StallGuard watches instead
        };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("firn");
    }

    public string Name => _manifest.ToString();

    public async Task<ReleaseManifest> ReadManifestAsync(CancellationToken cancellation)
    {
        await using var stream = await GetAsync(_manifest, null, cancellation);
        var bytes = new byte[ReleaseManifest.MaximumBytes + 1];
        var count = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        return count <= ReleaseManifest.MaximumBytes
            ? ReleaseManifest.Read(bytes.AsSpan(0, count))
            : throw new InvalidDataException($"{_manifest}: more than {ReleaseManifest.MaximumBytes} bytes are no release manifest");
    }

    public Task<Stream> OpenAsync(ReleaseImage image, CancellationToken cancellation)
    {
        // the query stays: some stores authorize with it
        var directory = _manifest.AbsolutePath[..(_manifest.AbsolutePath.LastIndexOf('/') + 1)];
        var address = new UriBuilder(_manifest) { Path = directory + Uri.EscapeDataString(image.File) }.Uri;
        return GetAsync(address, image.SizeBytes, cancellation);
    }

    private async Task<Stream> GetAsync(Uri address, long? expectedBytes, CancellationToken cancellation)
    {
        var guard = new StallGuard(address.ToString(), _limits, cancellation);
        HttpResponseMessage? response = null;
        try
        {
            response = await guard.WaitAsync(
                token => _client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, token));
            if (response.StatusCode != HttpStatusCode.OK) throw new IOException($"{address}: {Explain(response)}");
            if (expectedBytes is { } expected && response.Content.Headers.ContentLength is { } length && length != expected)
                throw new InvalidDataException($"{address} has {length} bytes, its manifest says {expected}");
            return new GuardedStream(await response.Content.ReadAsStreamAsync(cancellation), guard, response);
        }
        catch
        {
            response?.Dispose();
            guard.Dispose();
            throw;
        }
    }

    private static string Explain(HttpResponseMessage response) => (int)response.StatusCode is >= 300 and < 400
        ? $"redirected too often, or from https to http ({(int)response.StatusCode})"
        : $"the server answered {(int)response.StatusCode} {response.ReasonPhrase}";

    public void Dispose() => _client.Dispose();
}
