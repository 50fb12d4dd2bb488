using Firn.Formats.Releases;
using Firn.Trust;
using Firn.Trust.Client;
using Firn.Trust.Releases;

namespace Firn.Machine.Updates;

/// <summary>A release of a repository: manifest and images are targets, and believed as such.</summary>
internal sealed class TrustedReleaseSource(TrustClient client, AvailableRelease release) : IReleaseSource
{
    public string Name => release.Manifest.Path;

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
        var path = Name[..(Name.LastIndexOf('/') + 1)] + image.File;
        var target = await client.RequireAsync(path, cancellation);
        if (target.File.SizeBytes != image.SizeBytes || (target.File.Hashes.Sha256 ?? image.Sha256) != image.Sha256)
            throw new TrustException(TrustFailure.WrongHash, path,
                $"is listed with {target.File.SizeBytes} bytes and SHA-256 {target.File.Hashes.Sha256}, its manifest says {image.SizeBytes} and {image.Sha256}");
        return await client.OpenAsync(target, cancellation);
    }

    public void Dispose() { }
}
