using System.Net;
using System.Net.Http.Headers;

namespace Firn.Trust.Transports;

/// <summary>
/// Plain GETs from static hosts. Redirects are followed, but not for ever and never from https to http; nothing is decoded,
/// and whoever is too slow is given up.
/// </summary>
/// <param name="limits">How long a server may take.</param>
/// <param name="proxy">
/// To go through; null for what the environment says (<c>https_proxy</c>, <c>http_proxy</c>, <c>no_proxy</c>).
/// </param>
/// <param name="authoritiesFile">
/// Certificates in PEM form, of which one must vouch for a server; null for those that the system trusts.
/// </param>
public sealed class HttpFiles(HttpLimits limits, Uri? proxy = null, string? authoritiesFile = null) : IDisposable
{
    private readonly HttpClient _client = CreateClient(limits, proxy, authoritiesFile);

    internal HttpLimits Limits => limits;

    /// <summary>As <see cref="OpenAsync"/>, but null if the server says that there is no such file.</summary>
    /// <exception cref="IOException">It cannot be fetched.</exception>
    public async Task<HttpFile?> FindAsync(Uri address, long offset, CancellationToken cancellation)
    {
        try
        {
            return await OpenAsync(address, offset, cancellation);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Opens a file, from <paramref name="offset"/> on.</summary>
    /// <exception cref="FileNotFoundException">
    /// The server says that there is none: 404, 410, or 403, which some stores answer for what they do not have.
    /// </exception>
    /// <exception cref="IOException">It cannot be fetched.</exception>
    public async Task<HttpFile> OpenAsync(Uri address, long offset, CancellationToken cancellation)
    {
        var guard = new StallGuard(address.ToString(), limits, cancellation);
        HttpResponseMessage? response = null;
        try
        {
            response = await guard.WaitAsync(token => SendAsync(address, offset, token));
            if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.Forbidden)
                throw new FileNotFoundException($"{address}: {Explain(response)}");
            var begins = Begin(response, offset) ?? throw new IOException($"{address}: {Explain(response)}");
            var body = new GuardedStream(await response.Content.ReadAsStreamAsync(cancellation), guard, response);
            if (begins < offset) await SkipAsync(body, offset - begins, address, cancellation);
            return new(body, response.Content.Headers.ContentLength is { } length ? begins + length : null);
        }
        catch
        {
            response?.Dispose();
            guard.Dispose();
            throw;
        }
    }

    private Task<HttpResponseMessage> SendAsync(Uri address, long offset, CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (offset > 0) request.Headers.Range = new RangeHeaderValue(offset, null);
        return _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    /// <summary>Where in the file an answer begins; null if it is no answer.</summary>
    private static long? Begin(HttpResponseMessage response, long offset) => response.StatusCode switch
    {
        HttpStatusCode.OK => 0,    // also from servers that know no ranges
        HttpStatusCode.PartialContent when response.Content.Headers.ContentRange?.From == offset => offset,
        _ => null,
    };

    private static async Task SkipAsync(Stream body, long count, Uri address, CancellationToken cancellation)
    {
        var buffer = new byte[64 << 10];
        while (count > 0)
        {
            var read = await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(count, buffer.Length)), cancellation);
            if (read == 0) throw new IOException($"{address}: is shorter than it was before");
            count -= read;
        }
    }

    private static string Explain(HttpResponseMessage response)
    {
        if ((int)response.StatusCode is < 300 or >= 400) return $"the server answered {(int)response.StatusCode} {response.ReasonPhrase}";
        return response is { RequestMessage.RequestUri.Scheme: "https", Headers.Location: { IsAbsoluteUri: true, Scheme: "http" } target }
            ? $"redirected from https to {target}, which is not followed: anybody could have a say there"
            : "redirected too often";
    }

    private static HttpClient CreateClient(HttpLimits limits, Uri? proxy, string? authoritiesFile)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = limits.ConnectTimeout,
            MaxAutomaticRedirections = limits.MaximumRedirects,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            SslOptions = ServerCertificates.Options(authoritiesFile),
        };
        if (proxy is not null) handler.Proxy = new WebProxy(proxy);
        var client = new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,    // a large image may take hours: StallGuard watches instead
        };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("firn");
        return client;
    }

    public void Dispose() => _client.Dispose();
}

/// <param name="Body">From the offset that was asked for.</param>
/// <param name="SizeBytes">Of the whole file, if the server says.</param>
public sealed record HttpFile(Stream Body, long? SizeBytes);
