using System.Globalization;
using Firn.Trust;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Storage;

/// <summary>Where things are in a repository's directory. Only what is below <c>metadata/</c> and <c>targets/</c> is published.</summary>
internal static class RepositoryPaths
{
    public const string Metadata = "metadata";
    public const string Targets = "targets";

    /// <summary>Edited, and not published yet.</summary>
    public const string Staged = "staged.json";

    /// <summary>Begun and perhaps not done yet: a change of several files.</summary>
    public const string Pending = "pending.json";

    public const string Settings = "firn-repo.json";
    public const string Lock = ".firn-repo.lock";

    public const string Timestamp = $"{Metadata}/{RoleNames.Timestamp}.json";

    public static string Of(string role, long version) =>
        $"{Metadata}/{version.ToString(CultureInfo.InvariantCulture)}.{RoleNames.FileName(role)}";

    /// <summary>Where the bytes of a target are: its hash comes before its file name.</summary>
    public static string Of(string targetPath, TargetFile target)
    {
        var slash = targetPath.LastIndexOf('/') + 1;
        var hash = target.Hashes.Sha256 ?? target.Hashes.Sha512
            ?? throw new TrustException(TrustFailure.WrongHash, targetPath, "has no hash that can be checked");
        return $"{Targets}/{targetPath[..slash]}{hash}.{targetPath[slash..]}";
    }
}
