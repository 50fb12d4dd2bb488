using Firn.Formats.Releases;
using Firn.Trust.Transports;

namespace Firn.Machine.Updates;

/// <summary>Where a release is read from: a directory or a web server.</summary>
public interface IReleaseSource : IDisposable
{
    /// <summary>For messages.</summary>
    string Name { get; }

    /// <summary>Whether its bytes cost more than those of a disk of this machine.</summary>
    bool IsRemote { get; }

    /// <summary>
    /// Opens the manifest, which alone says what a release is: images are believed for their hashes in it and nothing else.
    /// </summary>
    /// <exception cref="InvalidDataException">It is not a manifest.</exception>
    /// <exception cref="IOException">It cannot be read or fetched.</exception>
    Task<ReleaseManifest> ReadManifestAsync(CancellationToken cancellation);

    /// <summary>The bytes of an image, in order; nothing about them has been checked.</summary>
    /// <exception cref="InvalidDataException">Its size is known beforehand and not the manifest's.</exception>
    /// <exception cref="IOException">It cannot be opened or fetched.</exception>
    Task<Stream> OpenAsync(ReleaseImage image, CancellationToken cancellation);

    /// <summary>A part of a file of the release. Nothing about its bytes has been checked, and there may be more of them.</summary>
    /// <exception cref="RangesIgnoredException">There are only whole files.</exception>
    /// <exception cref="IOException">It cannot be opened or fetched.</exception>
    Task<Stream> OpenRangeAsync(string file, long offset, long length, CancellationToken cancellation);

    /// <summary>What came of a file was wrong, or ended: if there is somebody else to ask for it, that one comes first from now on.</summary>
    /// <returns>Whether there is.</returns>
    bool Distrust(string file) => false;

    /// <summary>What to end with when a file has other bytes than the release says: where somebody signed them, it is a matter of trust.</summary>
    Exception WrongBytes(string file, string problem) => new InvalidDataException($"{Name}: {file}: {problem}");
}

public static class ReleaseSource
{
    /// <param name="source">A directory, its <c>manifest.json</c>, or an http(s) URL of either.</param>
    /// <exception cref="InvalidDataException">It begins like a URL but is none.</exception>
    public static IReleaseSource Of(string source)
    {
        if (!source.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            && !source.StartsWith("https://", StringComparison.OrdinalIgnoreCase)) return new DirectoryReleaseSource(source);
        return Uri.TryCreate(source, UriKind.Absolute, out var address)
            ? new HttpReleaseSource(address, new())
            : throw new InvalidDataException($"'{source}' is not a URL");
    }
}
