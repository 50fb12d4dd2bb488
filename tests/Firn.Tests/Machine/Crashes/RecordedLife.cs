using Firn.Formats.Boot;
using Firn.Formats.Fat;
using Firn.Formats.Grub;
using Firn.Linux.Block;
using Firn.Machine.Boot;
using Firn.Machine.Updates;

namespace Firn.Tests.Machine.Crashes;

/// <summary>Some time in the life of a disk: everything that was written and flushed, and what the boot state could be meanwhile.</summary>
internal sealed class RecordedLife : IDisposable
{
    private const int Tries = 3;

    private readonly Formats.ScratchDirectory _scratch = new();
    private readonly byte[] _before;
    private readonly RecordingDisk _disk;
    private readonly List<TestRelease> _releases = [];
    private readonly List<(int End, BootState[] Allowed)> _phases = [];

    private BootState _backup = new(Slot.A);

    /// <param name="before">The disk.</param>
    /// <param name="versions">Of releases on it.</param>
    public RecordedLife(byte[] before, params string[] versions)
    {
        (_before, _disk) = ([.. before], new(before));
        _releases.AddRange(versions.Select(Release));
    }

    public IReadOnlyList<DiskOperation> Operations => _disk.Operations;

    public byte[] Content => [.. _disk.Content];

    public BootState State => new GrubBootLoader(_disk).Read();

    public static TestRelease Release(string version) => TestRelease.Make(
        version, rootBytes: 300_000, bootBytes: 9 << 18, kernel: FakeKernel.Make(KernelMessage(version), 40_000));

    /// <summary>What its kernel says when it is started.</summary>
    public static string KernelMessage(string version) => $"kernel of release {version}";

    public async Task InstallAsync(string version, bool downloadOnly = false)
    {
        var release = Release(version);
        _releases.Add(release);
        using var source = ReleaseSource.Of(release.WriteTo(_scratch.File($"{_releases.Count}")));
        var before = State;
        var options = new InstallOptions(Tries, InstallOptions.LeastMemoryBytes, null, downloadOnly);
        await new UpdateInstaller(_disk, new GrubBootLoader(_disk)).InstallAsync(source, options, null, TestContext.Current.CancellationToken);
        Phase(before, before.Settle(), State);
    }

    /// <summary>Something that changes the boot state and nothing else.</summary>
    public void Do(Action<MachineDisk> act)
    {
        var before = State;
        act(_disk);
        Phase(before, State);
    }

    public void Write(Func<BootState, BootState> change) => Do(disk => new GrubBootLoader(disk).Write(change(State)));

    /// <summary>GRUB takes a try: it rewrites both sectors of the copy it read, and the firmware writes through.</summary>
    public void BootOnTrial()
    {
        var before = State;
        if (before.Trial!.TriesLeft == Tries) _backup = before;
        var counted = before with { Trial = before.Trial! with { TriesLeft = before.Trial.TriesLeft - 1 } };
        using var esp = _disk.OpenPartition(DiskLayout.EspPartition, BlockAccess.ReadWrite);
        var fat = new FatReader(new BlockDeviceStream(esp));
        var offset = fat.Extents(fat.Find(DiskLayout.PrimaryEnvironment)!)[0].OffsetBytes;
        esp.Write(offset, new GrubEnvironment(counted.ToVariables()).ToBytes());
        esp.Flush();
        // the other copy has not been counted down: a torn write gives the trial its tries again (decision 0002)
        Phase(before, counted, _backup);
    }

    /// <summary>The first problem that a power cut at any time could lead to; null if there is none.</summary>
    public string? FirstProblem(int samples, out int states) => FirstProblem(Operations, samples, out states);

    /// <summary>As if these had been the operations. Their number must be the same, so that phases begin and end where they did.</summary>
    public string? FirstProblem(IReadOnlyList<DiskOperation> operations, int samples, out int states)
    {
        var check = new CrashCheck(_releases);
        var visited = new CrashStates(_before, operations);
        string? problem = null;
        visited.Visit(samples, (point, disk, touched) =>
        {
            if (problem is not null) return;
            if (check.Problem(point, disk, touched, Allowed(point)) is { } found) problem = $"after {point} operations: {found}";
        });
        states = visited.Count;
        return problem;
    }

    /// <summary>Some of the states, a share of each kind: what GRUB reads is torn, or a slot is, or nothing of both.</summary>
    public IEnumerable<byte[]> Sample(int perKind, int samples, Random random)
    {
        var kinds = new Dictionary<string, (int Seen, List<byte[]> Kept)>();
        new CrashStates(_before, Operations).Visit(samples, (point, disk, touched) =>
        {
            var kind = touched.Contains(DiskLayout.EspPartition) ? "state" : touched.Any(name => name.StartsWith("firn-boot", StringComparison.Ordinal)) ? "boot" : "other";
            var (seen, kept) = kinds.GetValueOrDefault(kind, (0, []));
            if (kept.Count < perKind) kept.Add([.. disk]);
            else if (random.Next(seen + 1) is var place && place < perKind) kept[place] = [.. disk];
            kinds[kind] = (seen + 1, kept);
        });
        return kinds.Values.SelectMany(kind => kind.Kept);
    }

    private void Phase(params BootState[] allowed) => _phases.Add((_disk.Operations.Count, allowed));

    private BootState[] Allowed(int point) => _phases.First(phase => point <= phase.End).Allowed;

    public void Dispose() => _scratch.Dispose();
}
