using System.Collections.Immutable;
using Firn.Formats.Resets;
using Firn.Formats.Trees;
using Firn.Linux.Files;
using Firn.Machine.Boot;
using Firn.Machine.Etc;

namespace Firn.Settings.Etc;

/// <summary>
/// Puts parts of a machine's /etc back to what the image has, while the system runs. Each file is replaced in one step; who
/// loses power in between runs it once more.
/// </summary>
internal sealed class EtcReset(string imageDirectory, string machineDirectory)
{
    private static ReadOnlySpan<byte> TemporaryName => ".firn-reset"u8;

    private readonly RawPath _machine = RawPath.From(machineDirectory);

    /// <param name="paths">Below /etc.</param>
    /// <returns>What was undone.</returns>
    /// <exception cref="RefusedException">Neither has such a path, or it cannot be put back by itself; nothing was changed.</exception>
    public ImmutableArray<EtcChange> Run(IReadOnlyList<string> paths)
    {
        var (image, machine) = (DirectoryTree.Read(imageDirectory), DirectoryTree.Read(machineDirectory));
        var entries = EtcDifference.Between(image, machine).ToArray();
        foreach (var path in paths) Check(path, image, machine, entries);
        return Undo([.. entries.Where(entry => paths.Any(path => IsOf(path, entry.Change.Path)))]);
    }

    /// <param name="keep">What stays as it is.</param>
    public ImmutableArray<EtcChange> RunAll(ImmutableArray<KeepPattern> keep) => Undo(
        [.. EtcDifference.Between(DirectoryTree.Read(imageDirectory), DirectoryTree.Read(machineDirectory))
            .Where(entry => keep.All(pattern => pattern.Of($"/etc/{entry.Change.Path}") == KeepAnswer.No))]);

    private static void Check(string path, FileTree image, FileTree machine, EtcEntry[] entries)
    {
        if (image.Find(path) is null && machine.Find(path) is null) throw new RefusedException($"/etc/{path}: neither this machine nor its image has it");
        if (entries.FirstOrDefault(entry => IsWhole(entry) && path.StartsWith(entry.Change.Path + "/", StringComparison.Ordinal)) is { } above)
            throw new RefusedException($"/etc/{path}: /etc/{above.Change.Path} is no directory here any more; reset that");
    }

    /// <summary>A directory of the image that is gone, or something else now.</summary>
    private static bool IsWhole(EtcEntry entry) => entry.OfImage is { IsDirectory: true } && entry.OfMachine is not { IsDirectory: true };

    /// <summary>What lies below goes along, and the image's version that an update left beside it.</summary>
    private static bool IsOf(string path, string changed) =>
        MachineEtc.IsWithin(path, changed) || changed == path + EtcMerge.NewVersionSuffix;

    private ImmutableArray<EtcChange> Undo(ImmutableArray<EtcEntry> entries)
    {
        foreach (var entry in entries.Where(entry => entry.Change.Kind != EtcChangeKind.Added)) PutBack(entry, At(entry));
        foreach (var entry in entries.Where(entry => entry.Change.Kind == EtcChangeKind.Added).Reverse()) TakeAway(At(entry));
        if (entries.Length > 0) RawFiles.SyncFileSystem(_machine);
        return [.. entries.Select(entry => entry.Change)];
    }

    private RawPath At(EtcEntry entry) => entry.Path.Length == 0 ? _machine : _machine.Combine(entry.Path.Span);

    private void PutBack(EtcEntry entry, RawPath path)
    {
        if (entry is { OfImage: { IsDirectory: true } directory, OfMachine: { IsDirectory: true } changed })
        {
            foreach (var surplus in changed.Attributes.Where(one => directory.Attributes.All(other => other.Name != one.Name)))
                RawFiles.RemoveAttribute(path, surplus.Name.Span);
            DirectoryTree.Describe(directory, path);
            return;
        }
        var slash = entry.Path.Span.LastIndexOf((byte)'/');
        var beside = (slash < 0 ? _machine : _machine.Combine(entry.Path.Span[..slash])).Combine(TemporaryName);
        if (RawFiles.Exists(beside)) DirectoryTree.RemoveNode(beside);    // of an attempt that the power ended
        DirectoryTree.Write(entry.OfImage!, beside);
        // rename(2) replaces a file by a file in one step, and nothing by a directory or the other way round
        if (entry.OfMachine is not null && (entry.OfImage!.IsDirectory || entry.OfMachine.IsDirectory)) DirectoryTree.RemoveNode(path);
        RawFiles.Rename(beside, path);
    }

    /// <summary>A directory with something in it that stays, stays.</summary>
    private static void TakeAway(RawPath path)
    {
        if (!RawFiles.Exists(path)) return;    // what an attempt that was broken off had left
        if (RawFiles.Status(path).Type != FileType.Directory) RawFiles.Remove(path);
        else if (RawFiles.List(path).Count == 0) RawFiles.RemoveDirectory(path);
    }
}
