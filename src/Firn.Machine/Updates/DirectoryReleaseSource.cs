using Firn.Formats.Releases;

namespace Firn.Machine.Updates;

internal sealed class DirectoryReleaseSource(string path) : IReleaseSource
{
    private readonly string _manifest = Directory.Exists(path) ? Path.Combine(path, ReleaseManifest.FileName) : path;

    public string Name => path;
    public bool IsRemote => false;

    public async Task<ReleaseManifest> ReadManifestAsync(CancellationToken cancellation)
    {
        using var stream = Open(_manifest);
        if (stream.Length > ReleaseManifest.MaximumBytes)
            throw new InvalidDataException($"{_manifest}: {stream.Length} bytes are too many for a release manifest");
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes, cancellation);
        return ReleaseManifest.Read(bytes);
    }

    public Task<Stream> OpenAsync(ReleaseImage image, CancellationToken cancellation)
    {
        var file = Beside(image.File);
        var stream = Open(file);
        var sizeBytes = stream.Length;
        if (sizeBytes == image.SizeBytes) return Task.FromResult<Stream>(stream);
        stream.Dispose();
        throw new InvalidDataException($"{file} has {sizeBytes} bytes, its manifest says {image.SizeBytes}");
    }

    public Task<Stream> OpenRangeAsync(string file, long offset, long length, CancellationToken cancellation)
    {
        var stream = Open(Beside(file));
        stream.Position = offset;
        return Task.FromResult<Stream>(stream);
    }

    private string Beside(string file) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(_manifest))!, file);

    /// <summary>No buffer: whoever reads an image reads large pieces.</summary>
    private static FileStream Open(string file) => new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);

    public void Dispose() { }
}
