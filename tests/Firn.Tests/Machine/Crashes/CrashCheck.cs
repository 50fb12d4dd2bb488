using Firn.Formats.Boot;
using Firn.Formats.Fat;
using Firn.Formats.Gpt;
using Firn.Machine.Boot;

namespace Firn.Tests.Machine.Crashes;

/// <summary>What must hold of a disk, whenever the power went.</summary>
/// <param name="releases">All that were ever installed on it.</param>
internal sealed class CrashCheck(IReadOnlyList<TestRelease> releases)
{
    private static readonly GptTable Table = TestDisk.Table();

    private readonly Dictionary<string, object?> _asFlushed = [];
    private int _point = -1;

    /// <summary>A slot, as GRUB and a verifier see it.</summary>
    /// <param name="CanLoad">GRUB finds kernel and initramfs.</param>
    /// <param name="Version">Of the release that both images are, byte by byte; null if they are none, or of two.</param>
    private sealed record Content(bool CanLoad, string? Version);

    /// <summary>Why the disk is not as it must be; null if it is.</summary>
    /// <param name="point">Operations begun.</param>
    /// <param name="disk">Its bytes.</param>
    /// <param name="touched">Partitions that are not as they were flushed at this point.</param>
    /// <param name="allowed">What the boot state may say.</param>
    public string? Problem(int point, byte[] disk, IReadOnlyCollection<string> touched, IReadOnlyCollection<BootState> allowed)
    {
        if (point != _point) _asFlushed.Clear();
        _point = point;
        var slots = new[] { Slot.A, Slot.B }.ToDictionary(slot => slot, slot => Look(disk, slot, touched));
        foreach (var (slot, content) in slots)
            if (content is { CanLoad: true, Version: null }) return $"slot {slot.Name()} can be loaded, and is no complete release";

        var starts = GrubModel.Boots(Environment(disk, DiskLayout.PrimaryEnvironment), Environment(disk, DiskLayout.BackupEnvironment),
            slot => slots.TryGetValue(slot, out var content) && content.CanLoad);
        if (starts.Count == 0) return "nothing can be loaded";
        var state = Remember("state", touched, DiskLayout.EspPartition, () => Read(disk));
        if (state is null) return "the boot state cannot be read";
        if (!allowed.Contains(state)) return $"the boot state is {state}, expected {string.Join(" or ", allowed)}";
        var expected = state.Trial is { IsOver: false } trial
            ? [.. Enumerable.Repeat(new Start(trial.Slot, true), trial.TriesLeft), new Start(state.Confirmed, false)]
            : new[] { new Start(state.Confirmed, false) };
        return starts.SequenceEqual(expected) ? null : $"GRUB starts {string.Join(", ", starts)}, the boot state {state} means {string.Join(", ", expected)}";
    }

    /// <summary>What GRUB starts first, and of which release; null if nothing can be loaded.</summary>
    public (Start Start, string? Version)? First(byte[] disk)
    {
        var slots = new[] { Slot.A, Slot.B }.ToDictionary(slot => slot, slot => Look(disk, slot, Everything));
        var starts = GrubModel.Boots(Environment(disk, DiskLayout.PrimaryEnvironment), Environment(disk, DiskLayout.BackupEnvironment),
            slot => slots.TryGetValue(slot, out var content) && content.CanLoad);
        return starts.Count == 0 ? null : (starts[0], slots[starts[0].Slot].Version);
    }

    private static string[] Everything => [.. Table.Partitions.Select(partition => partition.Name)];

    private Content Look(byte[] disk, Slot slot, IReadOnlyCollection<string> touched)
    {
        var (boot, root) = (DiskLayout.BootPartition(slot), DiskLayout.RootPartition(slot));
        var bootVersion = Remember(boot, touched, boot, () => releases.FirstOrDefault(release => Holds(disk, boot, release.Boot))?.Manifest.Version);
        var canLoad = bootVersion is not null || Remember<object>(boot + " loads", touched, boot, () => CanLoad(disk, boot)) is true;
        if (!canLoad || bootVersion is null) return new(canLoad, null);
        var isWhole = Remember<object>(root + bootVersion, touched, root, () => Holds(disk, root, releases.First(release => release.Manifest.Version == bootVersion).Root));
        return new(true, isWhole is true ? bootVersion : null);
    }

    private static bool CanLoad(byte[] disk, string partition)
    {
        var bytes = Bytes(disk, partition);
        if (!GrubModel.LooksLikeFat(bytes)) return false;
        try
        {
            var fat = new FatReader(new MemoryStream(bytes.ToArray()));
            foreach (var name in new[] { DiskLayout.SlotConfig, DiskLayout.Kernel, DiskLayout.Initramfs })
                if (fat.Find(name) is not { } entry || fat.ReadAll(entry, 1 << 20).Length == 0) return false;
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static BootState? Read(byte[] disk)
    {
        try
        {
            return new GrubBootLoader(new RecordingDisk(disk)).Read();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static bool Holds(byte[] disk, string partition, byte[] image) => Bytes(disk, partition).StartsWith(image);

    private static ReadOnlySpan<byte> Bytes(byte[] disk, string partition)
    {
        var found = Table.Find(partition)!;
        return disk.AsSpan((int)found.OffsetBytes, (int)found.SizeBytes);
    }

    private byte[] Environment(byte[] disk, string path)
    {
        // where a file lies never changes
        if (!_offsets.TryGetValue(path, out var offset))
        {
            var esp = Bytes(disk, DiskLayout.EspPartition).ToArray();
            var fat = new FatReader(new MemoryStream(esp));
            _offsets[path] = offset = (int)(Table.Find(DiskLayout.EspPartition)!.OffsetBytes + fat.Extents(fat.Find(path)!)[0].OffsetBytes);
        }
        return disk[offset..(offset + 1024)];
    }

    private readonly Dictionary<string, int> _offsets = [];

    private T? Remember<T>(string key, IReadOnlyCollection<string> touched, string partition, Func<T?> find) where T : class
    {
        if (touched.Contains(partition)) return find();
        if (!_asFlushed.TryGetValue(key, out var known)) _asFlushed[key] = known = find();
        return (T?)known;
    }
}
