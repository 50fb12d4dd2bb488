using System.Security.Cryptography;
using System.Text;
using Firn.Images.Recipes;
using Firn.Linux.Files;

namespace Firn.Images.Content;

/// <summary>
/// A list of Debian packages, made into a tar archive by mmdebstrap; as root, or as a user with ranges in /etc/subuid.
/// With a cache the archive is kept under a name derived from all that it was made of, but not from the state of the
/// mirror: whoever wants newer packages removes it.
/// </summary>
internal static class DebianSource
{
    /// <summary>Changes when the same recipe would be made differently.</summary>
    private const string CacheFormat = "1";

    private static readonly TimeSpan TurnInterval = TimeSpan.FromMilliseconds(200);

    /// <returns>The path of the archive.</returns>
    /// <exception cref="Building.ToolException">mmdebstrap is missing, or failed: with what it said last.</exception>
    public static string Make(RecipeSource.Debian recipe, long epoch, string? cacheDirectory, SpoolArea spool, Action<string> step)
    {
        if (cacheDirectory is null) return Run(recipe, epoch, spool.NewPath("debian.tar"), step);
        Directory.CreateDirectory(cacheDirectory);
        var cached = Path.Combine(cacheDirectory, $"debian-{recipe.Suite.Replace('/', '-')}-{Key(recipe, epoch)[..16]}.tar");
        if (File.Exists(cached)) return cached;
        using var turn = AwaitTurn($"{cached}.lock", step);
        if (File.Exists(cached)) return cached;
        var partial = $"{cached}.partial";
        File.Delete(partial);    // of a build that was killed
        File.Move(Run(recipe, epoch, partial, step), cached);
        return cached;
    }

    /// <summary>Builds that want the same packages at the same time make them once.</summary>
    private static FileLock AwaitTurn(string path, Action<string> step)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            if (FileLock.TryTakeVanishing(path) is { } turn) return turn;
            if (isFirst) step("wait for another build of the same packages");
            Thread.Sleep(TurnInterval);
        }
    }

    private static string Run(RecipeSource.Debian recipe, long epoch, string archive, Action<string> step)
    {
        step("install Debian packages");
        var mmdebstrap = new BuildProgram("mmdebstrap", "mmdebstrap")
        {
            LastSignal = "TERM",    // it has mounts and a directory to clean up
            OnLine = line =>
            {
                if (!line.StartsWith("I: ", StringComparison.Ordinal)) return true;
                step($"install Debian packages: {line[3..]}");
                return false;
            },
        };
        mmdebstrap.Environment["SOURCE_DATE_EPOCH"] = $"{epoch}";
        try
        {
            mmdebstrap.Run(Arguments(recipe, archive));
            return archive;
        }
        catch
        {
            File.Delete(archive);
            throw;
        }
    }

    private static IEnumerable<string> Arguments(RecipeSource.Debian recipe, string archive)
    {
        yield return "--format=tar";
        yield return "--architectures=amd64";
        yield return $"--variant={recipe.Variant}";
        yield return $"--components={string.Join(',', recipe.Components)}";
        if (!recipe.Packages.IsEmpty) yield return $"--include={string.Join(',', recipe.Packages)}";
        if (recipe.KeyringPath is { } keyring) yield return $"--keyring={keyring}";
        yield return recipe.Suite;
        yield return archive;
        foreach (var mirror in recipe.Mirrors) yield return mirror;
    }

    private static string Key(RecipeSource.Debian recipe, long epoch)
    {
        var keyring = File.Exists(recipe.KeyringPath)
            ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(recipe.KeyringPath)))
            : recipe.KeyringPath;
        string[] parts =
        [
            CacheFormat, recipe.Suite, recipe.Variant, .. recipe.Packages.Order(StringComparer.Ordinal), "mirrors", .. recipe.Mirrors,
            "components", .. recipe.Components, "keyring", keyring ?? "", $"{epoch}",
        ];
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts))));
    }
}
