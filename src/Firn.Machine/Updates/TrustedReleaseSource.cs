using Firn.Formats.Releases;
using Firn.Trust;
using Firn.Trust.Client;
using Firn.Trust.Releases;

namespace Firn.Machine.Updates;

/// <summary>A release of a repository: manifest and images are targets, and believed as such.</summary>
internal sealed class TrustedReleaseSource(TrustClient client, AvailableRelease release) : IReleaseSource
{
    private readonly Dictionary<string, TrustedTarget> _parts = [];

    public string Name => release.Manifest.Path;
    public bool IsRemote => client.IsRemote;

    public async Task<ReleaseManifest> ReadManifestAsync(CancellationToken cancellation)
    {
        if (release.Manifest.File.SizeBytes > ReleaseManifest.MaximumBytes)
            throw new InvalidDataException($"{Name}: {release.Manifest.File.SizeBytes} bytes are too many for a release manifest");
        await using var stream = await client.OpenAsync(release.Manifest, cancellation);
        var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancellation);
        var manifest = ReleaseManifest.Read(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        var terms = release.Terms;
        return (manifest.Name, manifest.Version, manifest.Hardware) == (terms.Name, terms.Version, terms.Hardware)
            ? manifest
            : throw new TrustException(
                TrustFailure.Malformed, Name,
                $"is {manifest.Name} {manifest.Version} for {manifest.Hardware}, listed as {terms.Name} {terms.Version} for {terms.Hardware}");
    }

    public async Task<Stream> OpenAsync(ReleaseImage image, CancellationToken cancellation)
    {
        var (path, target) = (PathOf(image.File), await FindAsync(image.File, cancellation));
        if (target.File.SizeBytes != image.SizeBytes || (target.File.Hashes.Sha256 ?? image.Sha256) != image.Sha256)
            throw new TrustException(TrustFailure.WrongHash, path,
                $"is listed with {target.File.SizeBytes} bytes and SHA-256 {target.File.Hashes.Sha256}, its manifest says {image.SizeBytes} and {image.Sha256}");
        return await client.OpenAsync(target, cancellation);
    }

    public async Task<Stream> OpenRangeAsync(string file, long offset, long length, CancellationToken cancellation) =>
        await client.OpenRangeAsync(await FindAsync(file, cancellation), offset, length, cancellation);

    public bool Distrust(string file)
    {
        lock (_parts) return client.SuspectLastRange(_parts[file]);
    }

    public Exception WrongBytes(string file, string problem) => new TrustException(TrustFailure.WrongHash, PathOf(file), problem);

    private string PathOf(string file) => Name[..(Name.LastIndexOf('/') + 1)] + file;

    private async Task<TrustedTarget> FindAsync(string file, CancellationToken cancellation)
    {
        lock (_parts)
            if (_parts.TryGetValue(file, out var known)) return known;
        var found = await client.RequireAsync(PathOf(file), cancellation);
        lock (_parts) return _parts[file] = found;
    }

    public void Dispose() { }
}
