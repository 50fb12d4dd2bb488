using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Firn.Publishing.Drafts;
using Firn.Publishing.Storage;
using Firn.Trust;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Destinations;

/// <summary>A bucket that speaks S3. Objects appear there as a whole, and what they hold is checked by the store as it comes.</summary>
public sealed class S3Destination(S3Address address, S3Credentials credentials, TimeProvider clock) : IPublishDestination
{
    private const string Immutable = "public, max-age=31536000, immutable";
    private const string Changing = "no-cache";
    private const int MaximumAttempts = 4;

    /// <summary>One part is held in memory, for its hash is sent before it. Stores take 10,000 parts of 5 MiB or more.</summary>
    private const int PartBytes = 16 << 20, MaximumParts = 10_000;

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
        using var response = await SendAsync(() => Request(HttpMethod.Get, address.Of(path), EmptySha256), path, cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        if (response.Headers.ETag is { } tag) _tags[path] = tag.ToString();
        return await response.Content.ReadAsByteArrayAsync(cancellation);
    }

    public async Task<long?> SizeOfAsync(string path, CancellationToken cancellation)
    {
        using var response = await SendAsync(() => Request(HttpMethod.Head, address.Of(path), EmptySha256), path, cancellation);
        return response.StatusCode == HttpStatusCode.NotFound ? null : response.Content.Headers.ContentLength;
    }

    public async Task<Stream?> OpenAsync(string path, long offset, CancellationToken cancellation)
    {
        var response = await SendAsync(
            () => Request(HttpMethod.Get, address.Of(path), EmptySha256, request => request.Headers.Range = offset > 0 ? new(offset, null) : null),
            path, cancellation, HttpCompletionOption.ResponseHeadersRead);
        if (response.StatusCode != HttpStatusCode.NotFound) return await response.Content.ReadAsStreamAsync(cancellation);
        response.Dispose();
        return null;
    }

    public async Task<IReadOnlyList<StoredFile>> ListAsync(CancellationToken cancellation)
    {
        var found = new List<StoredFile>();
        foreach (var folder in new[] { RepositoryPaths.Metadata, RepositoryPaths.Targets })
            for (string? next = ""; next is not null;)
            {
                var place = address.List(folder, next);
                using var response = await SendAsync(() => Request(HttpMethod.Get, place, EmptySha256), folder, cancellation);
                if (response.StatusCode == HttpStatusCode.NotFound) throw await FailureAsync(response, folder, cancellation);
                var page = await response.Content.ReadAsStringAsync(cancellation);
                found.AddRange(S3Reply.Files(page, address.Prefix));
                next = S3Reply.Field(page, "NextContinuationToken");
            }
        return found;
    }

    public async Task RemoveAsync(string path, CancellationToken cancellation)
    {
        using var response = await SendAsync(() => Request(HttpMethod.Delete, address.Of(path), EmptySha256), path, cancellation);
    }

    public async Task WriteAsync(PublishedFile file, Func<Stream> open, byte[]? replaces, CancellationToken cancellation)
    {
        if (file.Content.SizeBytes > PartBytes)
        {
            await WritePartsAsync(file, open, cancellation);
            return;
        }
        using var response = await SendAsync(() => Put(file, open(), replaces), file.Path, cancellation);
    }

    /// <summary>"Uploading and copying objects using multipart upload": nothing is there before the last request.</summary>
    private async Task WritePartsAsync(PublishedFile file, Func<Stream> open, CancellationToken cancellation)
    {
        var upload = await BeginAsync(file, cancellation);
        try
        {
            await using var content = open();
            await CompleteAsync(file, upload, await SendPartsAsync(file, content, upload, cancellation), cancellation);
        }
        catch
        {
            await AbortAsync(file, upload);
            throw;
        }
    }

    private async Task<string> BeginAsync(PublishedFile file, CancellationToken cancellation)
    {
        var place = address.Of(file.Path, "uploads=");
        using var response = await SendAsync(
            () => Request(HttpMethod.Post, place, EmptySha256, request => Describe(request, file, new ByteArrayContent([]))), file.Path, cancellation);
        return S3Reply.Field(await response.Content.ReadAsStringAsync(cancellation), "UploadId")
            ?? throw new IOException($"{address}/{file.Path}: the store began no upload");
    }

    private static string UploadOf(string upload) => $"uploadId={Uri.EscapeDataString(upload)}";

    private async Task CompleteAsync(PublishedFile file, string upload, IEnumerable<string> tags, CancellationToken cancellation)
    {
        var parts = tags.Select((tag, index) => $"<Part><PartNumber>{index + 1}</PartNumber><ETag>{S3Reply.Encode(tag)}</ETag></Part>");
        var list = Encoding.UTF8.GetBytes($"<CompleteMultipartUpload>{string.Concat(parts)}</CompleteMultipartUpload>");
        var (place, hash) = (address.Of(file.Path, UploadOf(upload)), FileHashes.Of(list).Sha256!);
        using var response = await SendAsync(
            () => Request(HttpMethod.Post, place, hash, request => request.Content = new ByteArrayContent(list)), file.Path, cancellation);
        // it may fail after it has answered 200
        if (S3Reply.Field(await response.Content.ReadAsStringAsync(cancellation), "Code") is { } code)
            throw new IOException($"{address}/{file.Path}: the store answered {code}");
    }

    private async Task<List<string>> SendPartsAsync(PublishedFile file, Stream content, string upload, CancellationToken cancellation)
    {
        var buffer = new byte[(int)Math.Max(PartBytes, (file.Content.SizeBytes / MaximumParts) + 1)];
        var tags = new List<string>();
        while (true)
        {
            var count = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
            if (count == 0) return tags;
            var hash = FileHashes.Of(buffer.AsSpan(0, count)).Sha256!;
            var number = (tags.Count + 1).ToString(CultureInfo.InvariantCulture);
            var place = address.Of(file.Path, $"partNumber={number}&{UploadOf(upload)}");
            using var response = await SendAsync(
                () => Request(HttpMethod.Put, place, hash, request => request.Content = new ByteArrayContent(buffer, 0, count)), file.Path, cancellation);
            tags.Add(response.Headers.ETag?.ToString() ?? throw new IOException($"{address}/{file.Path}: the store named no ETag of part {number}"));
        }
    }

    /// <summary>Parts that nobody names cost money. Also after an interrupt; what went wrong before is what is told.</summary>
    private async Task AbortAsync(PublishedFile file, string upload)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            using var response = await SendAsync(
                () => Request(HttpMethod.Delete, address.Of(file.Path, UploadOf(upload)), EmptySha256), file.Path, limit.Token);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or RepositoryRefusedException)
        {
            // a lifecycle rule of the bucket takes them away (docs/reference/repo.md)
        }
    }

    private HttpRequestMessage Put(PublishedFile file, Stream content, byte[]? replaces)
    {
        var request = Request(HttpMethod.Put, address.Of(file.Path), file.Content.Hashes.Sha256!, body =>
        {
            Describe(body, file, new StreamContent(content, 1 << 20));
            body.Content!.Headers.ContentLength = file.Content.SizeBytes;
        });
        // two publishers: the one who comes second is refused by the store itself
        if (file.Kind == PublishedKind.Timestamp && replaces is null) request.Headers.TryAddWithoutValidation("If-None-Match", "*");
        if (file.Kind == PublishedKind.Timestamp && replaces is not null && _tags.TryGetValue(file.Path, out var tag))
            request.Headers.TryAddWithoutValidation("If-Match", tag);
        return request;
    }

    private static void Describe(HttpRequestMessage request, PublishedFile file, HttpContent content)
    {
        request.Content = content;
        content.Headers.ContentType = new(file.Kind == PublishedKind.Target ? "application/octet-stream" : "application/json");
        request.Headers.CacheControl = CacheControlHeaderValue.Parse(file.Kind == PublishedKind.Timestamp ? Changing : Immutable);
    }

    private HttpRequestMessage Request(HttpMethod method, Uri place, string contentSha256, Action<HttpRequestMessage>? prepare = null)
    {
        var request = new HttpRequestMessage(method, place);
        prepare?.Invoke(request);
        S3Signature.Sign(request, contentSha256, credentials, address.Region, clock.GetUtcNow());
        return request;
    }

    /// <summary>Success, or 404; anything else throws, after some attempts where another may help.</summary>
    private async Task<HttpResponseMessage> SendAsync(
        Func<HttpRequestMessage> make, string path, CancellationToken cancellation, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = make();
            try
            {
                var response = await _client.SendAsync(request, completion, cancellation);
                var mayBeAbsent = request.Method != HttpMethod.Put && request.Method != HttpMethod.Post;
                if (response.IsSuccessStatusCode || (mayBeAbsent && response.StatusCode == HttpStatusCode.NotFound)) return response;
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
            return new RepositoryRefusedException(
                $"{address}/{path}: someone else was publishing at the same time and came first: 'firn repo pull', then publish again");
        var text = await response.Content.ReadAsStringAsync(cancellation);
        return new IOException($"{address}/{path}: the store answered {(int)response.StatusCode} {S3Reply.Field(text, "Code") ?? response.ReasonPhrase}");
    }

    public void Dispose() => _client.Dispose();
}
