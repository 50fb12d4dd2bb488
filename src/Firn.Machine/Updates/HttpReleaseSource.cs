using Firn.Formats.Releases;
using Firn.Trust.Transports;

namespace Firn.Machine.Updates;

/// <summary>A release on a web server: plain GETs of the manifest and of the files beside it.</summary>
internal sealed class HttpReleaseSource : IReleaseSource
{
    private readonly Uri _manifest;
    private readonly HttpFiles _files;

    public HttpReleaseSource(Uri source, HttpLimits limits)
    {
        _files = new(limits);
        _manifest = source.AbsolutePath.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? source
            : new UriBuilder(source) { Path = $"{source.AbsolutePath.TrimEnd('/')}/{ReleaseManifest.FileName}" }.Uri;
    }

    public string Name => _manifest.ToString();
    public bool IsRemote => true;

    public async Task<ReleaseManifest> ReadManifestAsync(CancellationToken cancellation)
    {
        await using var stream = await GetAsync(_manifest, null, cancellation);
        var bytes = new byte[ReleaseManifest.MaximumBytes + 1];
        var count = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        return count <= ReleaseManifest.MaximumBytes
            ? ReleaseManifest.Read(bytes.AsSpan(0, count))
            : throw new InvalidDataException($"{_manifest}: more than {ReleaseManifest.MaximumBytes} bytes are no release manifest");
    }

    public Task<Stream> OpenAsync(ReleaseImage image, CancellationToken cancellation) =>
        GetAsync(Beside(image.File), image.SizeBytes, cancellation);

    public Task<Stream> OpenRangeAsync(string file, long offset, long length, CancellationToken cancellation) =>
        _files.OpenRangeAsync(Beside(file), offset, length, cancellation);

    /// <summary>The query stays: some stores authorize with it.</summary>
    private Uri Beside(string file)
    {
        var directory = _manifest.AbsolutePath[..(_manifest.AbsolutePath.LastIndexOf('/') + 1)];
        return new UriBuilder(_manifest) { Path = directory + Uri.EscapeDataString(file) }.Uri;
    }

    private async Task<Stream> GetAsync(Uri address, long? expectedBytes, CancellationToken cancellation)
    {
        var file = await _files.OpenAsync(address, 0, cancellation);
        if (expectedBytes is null || file.SizeBytes is null || file.SizeBytes == expectedBytes) return file.Body;
        await file.Body.DisposeAsync();
        throw new InvalidDataException($"{address} has {file.SizeBytes} bytes, its manifest says {expectedBytes}");
    }

    public void Dispose() => _files.Dispose();
}
