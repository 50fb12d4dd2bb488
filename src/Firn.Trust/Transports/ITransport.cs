using Firn.Trust.Bundles;

namespace Firn.Trust.Transports;

/// <summary>Where a repository's files come from. Nothing that comes has been checked.</summary>
public interface ITransport : IDisposable
{
    /// <summary>For messages.</summary>
    string Name { get; }

    /// <param name="fileName">e.g. <c>3.root.json</c>: a plain file name, percent-encoded where it must be.</param>
    /// <returns>Null if there is no such file.</returns>
    /// <exception cref="IOException">It cannot be read or fetched.</exception>
    Task<Stream?> OpenMetadataAsync(string fileName, CancellationToken cancellation);

    /// <param name="path">Relative, with slashes, never leading out; not percent-encoded.</param>
    /// <param name="offset">Where to begin.</param>
    /// <returns>Null if there is no such file.</returns>
    /// <exception cref="IOException">It cannot be read or fetched.</exception>
    Task<Stream?> OpenTargetAsync(string path, long offset, CancellationToken cancellation);
}

public static class Transport
{
    /// <param name="repository">
    /// An http(s) or file URL or a directory, in which there are <c>metadata/</c> and <c>targets/</c>; or a bundle file.
    /// </param>
    /// <param name="limits">How long a web server may take.</param>
    /// <param name="proxy">As of <see cref="HttpFiles"/>.</param>
    /// <param name="authoritiesFile">As of <see cref="HttpFiles"/>.</param>
    /// <exception cref="InvalidDataException">It begins like a URL but is none, or is a file and not a bundle.</exception>
    public static ITransport Of(string repository, HttpLimits limits, Uri? proxy = null, string? authoritiesFile = null)
    {
        var isWeb = repository.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || repository.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isWeb && !repository.StartsWith("file://", StringComparison.OrdinalIgnoreCase)) return OfPath(repository);
        if (!Uri.TryCreate(repository, UriKind.Absolute, out var address))
            throw new InvalidDataException($"'{repository}' is not a URL");
        return isWeb ? HttpTransport.Of(address, new(limits, proxy, authoritiesFile)) : OfPath(address.LocalPath);
    }

    private static ITransport OfPath(string path) => File.Exists(path) ? BundleTransport.Open(path) : new DirectoryTransport(path);
}
