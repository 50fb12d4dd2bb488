using System.Net;
using System.Net.Http.Headers;
using Firn.Trust.Metadata;

namespace Firn.Trust.Repository;

/// <summary>A bucket that speaks S3. Objects appear there as a whole, and what they hold is checked by the store as it comes.</summary>
public sealed class S3Destination(S3Address address, S3Credentials credentials, TimeProvider clock) : IPublishDestination
{
    private const string Immutable = "public, max-age=31536000, immutable";
    private const string Changing = "no-cache";
    private const long MaximumPutBytes = 5L << 30;
    private const int MaximumAttempts = 4;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly string EmptySha256 = FileHashes.Of([]).Sha256!;

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(20) })
    {
        Timeout = TimeSpan.FromHours(6),    // of one object
    };

    private readonly Dictionary<string, string> _tags = [];

    public string Name => address.ToString();

    public async Task<byte[]?> ReadAsync(string path, CancellationToken cancellation)
    {
        using var response = await SendAsync(() => Request(HttpMethod.Get, path, EmptySha256), path, cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        if (response.Headers.ETag is { } tag) _tags[path] = tag.ToString();
        return await response.Content.ReadAsByteArrayAsync(cancellation);
    }

    public async Task<long?> SizeOfAsync(string path, CancellationToken cancellation)
    {
        using var response = await SendAsync(() => Request(HttpMethod.Head, path, EmptySha256), path, cancellation);
        return response.StatusCode == HttpStatusCode.NotFound ? null : response.Content.Headers.ContentLength;
    }

    public async Task WriteAsync(PublishedFile file, Func<Stream> open, byte[]? replaces, CancellationToken cancellation)
    {
        if (file.Content.SizeBytes > MaximumPutBytes)
            throw new InvalidDataException($"{file.Path}: has {file.Content.SizeBytes} bytes; S3 takes {MaximumPutBytes} in one piece, and firn sends no others");
        using var response = await SendAsync(() => Put(file, open(), replaces), file.Path, cancellation);
    }

    private HttpRequestMessage Put(PublishedFile file, Stream content, byte[]? replaces)
    {
        var request = Request(HttpMethod.Put, file.Path, file.Content.Hashes.Sha256!, body =>
        {
            body.Content = new StreamContent(content, 1 << 20);
            body.Content.Headers.ContentLength = file.Content.SizeBytes;
            body.Content.Headers.ContentType = new(file.Kind == PublishedKind.Target ? "application/octet-stream" : "application/json");
            body.Headers.CacheControl = CacheControlHeaderValue.Parse(file.Kind == PublishedKind.Timestamp ? Changing : Immutable);
        });
        // two publishers: the one who comes second is refused by the store itself
        if (file.Kind == PublishedKind.Timestamp && replaces is null) request.Headers.TryAddWithoutValidation("If-None-Match", "*");
        if (file.Kind == PublishedKind.Timestamp && replaces is not null && _tags.TryGetValue(file.Path, out var tag))
            request.Headers.TryAddWithoutValidation("If-Match", tag);
        return request;
    }

    private HttpRequestMessage Request(HttpMethod method, string path, string contentSha256, Action<HttpRequestMessage>? prepare = null)
    {
        var request = new HttpRequestMessage(method, address.Of(path));
        prepare?.Invoke(request);
        S3Signature.Sign(request, contentSha256, credentials, address.Region, clock.GetUtcNow());
        return request;
    }

    /// <summary>Success, or 404; anything else throws, after some attempts where another may help.</summary>
    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make, string path, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = make();
            try
            {
                var response = await _client.SendAsync(request, cancellation);
                if (response.IsSuccessStatusCode || (response.StatusCode == HttpStatusCode.NotFound && request.Method != HttpMethod.Put)) return response;
                using (response)
                {
                    if ((int)response.StatusCode < 500 || attempt == MaximumAttempts) throw await FailureAsync(response, path, cancellation);
                }
            }
            catch (HttpRequestException error) when (attempt == MaximumAttempts)
            {
                throw new IOException($"{address}/{path}: {error.Message}", error);
            }
            catch (HttpRequestException error) when (error.InnerException is not TrustException)
            {
                // the next attempt waits longer
            }
            await Task.Delay(FirstPause * Math.Pow(2, attempt), clock, cancellation);
        }
    }

    private async Task<Exception> FailureAsync(HttpResponseMessage response, string path, CancellationToken cancellation)
    {
        if (response.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict)
            return new RepositoryRefusedException($"{address}/{path}: someone else has published since: compare with 'firn repo status', and publish again");
        var text = await response.Content.ReadAsStringAsync(cancellation);
        return new IOException($"{address}/{path}: the store answered {(int)response.StatusCode} {CodeOf(text) ?? response.ReasonPhrase}");
    }

    /// <summary><c>&lt;Code&gt;</c> of an error document, which says more than the status.</summary>
    private static string? CodeOf(string text)
    {
        var begin = text.IndexOf("<Code>", StringComparison.Ordinal) + "<Code>".Length;
        var end = text.IndexOf("</Code>", StringComparison.Ordinal);
        return begin >= "<Code>".Length && end > begin && end - begin < 100 ? text[begin..end] : null;
    }

    public void Dispose() => _client.Dispose();
}
