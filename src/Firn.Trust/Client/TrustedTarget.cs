using Firn.Trust.Metadata;

namespace Firn.Trust.Client;

/// <summary>A file that may be believed, once its bytes are those that are meant.</summary>
/// <param name="Path">Its name in the repository.</param>
/// <param name="File">Size, hashes, and what the repository wants to be known.</param>
/// <param name="Role">Who says so.</param>
public sealed record TrustedTarget(string Path, TargetFile File, string Role)
{
    /// <summary>Where its bytes are: with consistent snapshots, the hash comes before the file name.</summary>
    /// <exception cref="TrustException">The path would lead out of the repository, or there is no hash to check.</exception>
    internal string Location(bool hasConsistentSnapshots)
    {
        var parts = Path.Split('/');
        if (parts.Any(part => part is "" or "." or ".." || part.Contains('\0')))
            throw new TrustException(TrustFailure.Malformed, Path, "is no path within a repository");
        if (!hasConsistentSnapshots) return Path;
        var hash = File.Hashes.Sha256 ?? File.Hashes.Sha512;
        if (hash is null) new HashCheck(File.Hashes).Require(Path);
        parts[^1] = $"{hash}.{parts[^1]}";
        return string.Join('/', parts);
    }
}
