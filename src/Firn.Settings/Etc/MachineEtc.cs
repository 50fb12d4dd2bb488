using System.Collections.Immutable;
using Firn.Formats.Boot;
using Firn.Formats.Trees;
using Firn.Linux.Mounts;
using Firn.Machine.Boot;
using Firn.Machine.Etc;
using Firn.Settings.Reset;

namespace Firn.Settings.Etc;

/// <param name="NewVersion">Where the image's version is, below /etc; null if there is none.</param>
/// <param name="IsOpen">Nobody has dealt with it yet: what was laid beside is still there, or nothing was.</param>
public sealed record EtcConflictReport(string Path, string Problem, string? NewVersion, bool IsOpen);

/// <summary>/etc of the machine that this runs on, and below it the one of its image, with what overlays brought.</summary>
public sealed class MachineEtc : IDisposable
{
    private readonly MachinePaths _paths;
    private readonly DetachedMount _root;
    private readonly string _directory;

    private MachineEtc(MachinePaths paths, DetachedMount root) => (_paths, _root, _directory) = (paths, root, Path.Combine(paths.Root, "etc"));

    private string ImageDirectory => Path.Combine(_root.Path, "etc");

    /// <exception cref="RefusedException">No image's /etc lies below this one.</exception>
    /// <exception cref="Linux.ErrnoException">Only root may look below.</exception>
    public static MachineEtc Open(MachinePaths paths) =>
        MountTable.Parse(File.ReadLines(paths.MountTable)).LastOrDefault(mount => mount.MountPoint == "/etc") is { Type: "overlay" }
            ? new(paths, DetachedMount.Of(paths.Root))
            : throw new RefusedException("/etc lies over no image's: this system was not started from a Firn disk");

    /// <summary>Paths from the command line become paths below /etc.</summary>
    /// <exception cref="RefusedException">It is elsewhere.</exception>
    public static string Below(string path)
    {
        var names = (path.StartsWith("/etc/", StringComparison.Ordinal) ? path[5..] : path).Split('/').Where(name => name is not ("" or ".")).ToArray();
        return names.Length > 0 && !path.StartsWith("/etc/..", StringComparison.Ordinal) && !names.Contains("..") && (path[0] != '/' || path.StartsWith("/etc/", StringComparison.Ordinal))
            ? string.Join('/', names) : throw new RefusedException($"{path}: expected a path below /etc");
    }

    /// <summary>Whether a path below /etc is another one, or below that.</summary>
    public static bool IsWithin(string path, string other) => other == path || other.StartsWith(path + "/", StringComparison.Ordinal);

    public ImmutableArray<EtcChange> Changes() => [.. Entries().Select(entry => entry.Change)];

    /// <summary>As patch(1) reads it, with what is not text in words; of one path, or of all that is below it.</summary>
    public IEnumerable<string> Differences(string path)
    {
        foreach (var entry in Entries().Where(entry => IsWithin(path, entry.Change.Path)))
            if (entry is { OfImage: null or { Kind: FileKind.File }, OfMachine: null or { Kind: FileKind.File } })
                foreach (var line in LineDifference.Unified(
                    entry.OfImage is null ? "/dev/null" : $"image/{entry.Change.Path}", entry.OfMachine is null ? "/dev/null" : $"machine/{entry.Change.Path}",
                    entry.OfImage?.Content.ReadAll() ?? [], entry.OfMachine?.Content.ReadAll() ?? []))
                    yield return line;
    }

    /// <summary>What the last update could not bring together.</summary>
    public ImmutableArray<EtcConflictReport> Conflicts()
    {
        var slot = RunningBoot.Parse(File.ReadAllText(_paths.KernelCommandLine)).Slot;
        return Conflicts(Path.Combine(_paths.Data, "firn/etc", slot.Name(), "conflicts.json"), _directory);
    }

    internal static ImmutableArray<EtcConflictReport> Conflicts(string file, string directory) => [.. EtcCarry.ReadConflicts(file).Select(conflict =>
        new EtcConflictReport(
            conflict.Path, conflict.Problem, conflict.NewVersion, conflict.NewVersion is null || Path.Exists(Path.Combine(directory, conflict.NewVersion))))];

    /// <inheritdoc cref="EtcReset.Run"/>
    public ImmutableArray<EtcChange> Reset(IReadOnlyList<string> paths) => new EtcReset(ImageDirectory, _directory).Run(paths);

    /// <summary>All but what the image says must be kept.</summary>
    public ImmutableArray<EtcChange> ResetAll() => new EtcReset(ImageDirectory, _directory).RunAll(FactoryReset.KeptByImage(_paths));

    public void Dispose() => _root.Dispose();

    private IEnumerable<EtcEntry> Entries() => EtcDifference.Between(DirectoryTree.Read(ImageDirectory), DirectoryTree.Read(_directory));
}
