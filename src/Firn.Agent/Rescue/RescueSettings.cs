using System.Collections.Immutable;
using Firn.Formats.Resets;
using Firn.Linux.Files;
using Firn.Machine.Boot;

namespace Firn.Agent.Rescue;

/// <summary>
/// Copies of the few settings that the rescue system starts with, made whenever the machine is well: its own name and id, whom it asks for
/// updates, the page's password. For root alone, on the data partition; the initramfs lays them over the rescue image's <c>/etc</c>.
/// </summary>
public static class RescueSettings
{
    private const uint ForRoot = 0x1c0, Readable = 0x1ed;    // rwx------, rwxr-xr-x
    private const int FileLimitBytes = 1 << 20, FilesLimit = 500;

    private static readonly ImmutableArray<KeepPattern> Always =
        [.. new[] { "machine-id", "hostname", "firn/agent.conf", "firn/repository.json", "firn/swu.conf", "firn/web.password" }.Select(name => KeepPattern.TryParse($"/etc/{name}")!)];

    /// <summary>What has not changed is not written.</summary>
    /// <param name="keep">Besides what is always kept.</param>
    /// <exception cref="IOException">Something cannot be read or written.</exception>
    public static void Keep(MachinePaths paths, IEnumerable<KeepPattern> keep)
    {
        ImmutableArray<KeepPattern> patterns = [.. Always, .. keep];
        var place = Path.Combine(paths.RescueState, "etc");
        Make(paths.RescueState, ForRoot);
        Make(place, Readable);
        var kept = Find(Path.Combine(paths.Root, "etc"), "/etc", patterns).Take(FilesLimit).Select(name => name["/etc/".Length..]).ToHashSet();
        foreach (var name in kept) Copy(Path.Combine(paths.Root, "etc", name), Path.Combine(place, name));
        foreach (var old in Directory.GetFiles(place, "*", SearchOption.AllDirectories))
            if (!kept.Contains(Path.GetRelativePath(place, old))) File.Delete(old);
    }

    /// <summary>Links are not followed: what they lead to need not be there in the rescue system.</summary>
    private static IEnumerable<string> Find(string directory, string path, ImmutableArray<KeepPattern> patterns)
    {
        foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos())
        {
            var answer = patterns.Max(pattern => pattern.Of($"{path}/{entry.Name}"));
            if (answer == KeepAnswer.No || entry.LinkTarget is not null) continue;
            if (entry is DirectoryInfo)
                foreach (var below in Find(entry.FullName, $"{path}/{entry.Name}", patterns)) yield return below;
            else if (answer == KeepAnswer.Yes && entry is FileInfo { Length: <= FileLimitBytes }) yield return $"{path}/{entry.Name}";
        }
    }

    private static void Copy(string from, string to)
    {
        var (bytes, mode) = (File.ReadAllBytes(from), ModeOf(from));
        if (File.Exists(to) && ModeOf(to) == mode && File.ReadAllBytes(to).AsSpan().SequenceEqual(bytes)) return;
        Make(Path.GetDirectoryName(to)!, Readable);
        var beside = to + ".new";
        File.Delete(beside);
        using (var file = RawFiles.Create(RawPath.From(beside)))    // for its owner alone until all of it is there
        {
            RandomAccess.Write(file, bytes, 0);
            RawFiles.SetMode(RawPath.From(beside), mode);
            RandomAccess.FlushToDisk(file);
        }
        DurableFile.Move(beside, to);
    }

    private static uint ModeOf(string path) => RawFiles.Status(RawPath.From(path)).Mode & 0xfff;

    /// <summary>/etc takes over what its copy has: below what is root's alone they are as there.</summary>
    private static void Make(string directory, uint mode)
    {
        Directory.CreateDirectory(directory);
        RawFiles.SetMode(RawPath.From(directory), mode);
    }
}
