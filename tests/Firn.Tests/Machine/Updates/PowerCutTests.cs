using Firn.Formats.Boot;
using Firn.Formats.Grub;
using Firn.Machine.Boot;
using Firn.Machine.Updates;

namespace Firn.Tests.Machine.Updates;

/// <summary>
/// Every power cut an installation can meet: after each prefix of its writes and flushes, with any part of what had not
/// been flushed on the medium: whole, torn into sectors, or with sectors that hold neither the old nor the new.
/// </summary>
public sealed class PowerCutTests
{
    private const int SectorBytes = 512;
    private const int VariantsPerPrefix = 6;

    [Fact]
    public async Task An_update_can_lose_power_anywhere_and_the_disk_still_boots_a_complete_system()
    {
        await CheckAsync(TestDisk.Make(), new BootState(Slot.A), "2");
    }

    [Fact]
    public async Task So_can_one_that_replaces_a_pending_trial()
    {
        var state = new BootState(Slot.A, null, 0, 1).Try(Slot.B, 3);
        await CheckAsync(TestDisk.Make(state, versionB: "2"), state, "3");
    }

    [Fact]
    public async Task So_can_one_that_follows_a_power_cut_between_the_two_copies_of_the_state()
    {
        // given slot b confirmed in the primary alone: the backup still says that a is
        var state = new BootState(Slot.B, null, 0, 1);
        var disk = TestDisk.Make(new BootState(Slot.A, null, 0, 1).Try(Slot.B, 1), versionB: "2");
        new GrubEnvironment(state.ToVariables()).WriteTo(TestDisk.Environment(disk, DiskLayout.PrimaryEnvironment));

        await CheckAsync(disk, state, "3");
    }

    private static async Task CheckAsync(byte[] before, BootState state, string version)
    {
        using var scratch = new Formats.ScratchDirectory();
        var recorded = new RecordingDisk([.. before]);
        var confirmed = state.Confirmed;
        Assert.Equal(state, new GrubBootLoader(recorded).Read());
        using var source = ReleaseSource.Of(TestRelease.Make(version).WriteTo(scratch.File("release")));

        await new UpdateInstaller(recorded, new GrubBootLoader(recorded))
            .InstallAsync(source, new(Tries: 3), null, TestContext.Current.CancellationToken);

        Assert.True(recorded.Operations.Count > 10);
        var random = new Random(1);
        var completed = 0;
        for (var prefix = 0; prefix <= recorded.Operations.Count; prefix++)
            for (var variant = 0; variant < VariantsPerPrefix; variant++)
            {
                var disk = new RecordingDisk(Cut(before, recorded.Operations[..prefix], variant, random));
                if (CheckBoots(disk, confirmed, version)) completed++;
            }
        Assert.True(completed >= VariantsPerPrefix, "at least the full sequence sets the trial");
    }

    /// <summary>What is on the medium: all that was flushed, and of the rest as much as the variant says.</summary>
    private static byte[] Cut(byte[] before, List<DiskOperation> operations, int variant, Random random)
    {
        var disk = before.ToArray();
        for (var i = 0; i < operations.Count; i++)
        {
            if (operations[i] is not { Bytes: { } bytes } write) continue;
            var isFlushed = operations[i..].Any(later => later.IsFlush && later.Partition == write.Partition);
            for (var at = 0; at < bytes.Length; at += SectorBytes)
            {
                var sector = disk.AsSpan((int)write.Offset + at, Math.Min(SectorBytes, bytes.Length - at));
                if (isFlushed || variant == 0 || variant is 2 or 3 && random.Next(variant) > 0) bytes.AsSpan(at, sector.Length).CopyTo(sector);
                else if (variant > 3 && random.Next(6 - variant) == 0) sector.Fill(0xa5);
            }
        }
        return disk;
    }

    /// <summary>Whether the new version is on trial; whatever is booted must be complete.</summary>
    private static bool CheckBoots(RecordingDisk disk, Slot confirmed, string version)
    {
        var state = new GrubBootLoader(disk).Read();
        var slots = new SlotStore(disk);
        Assert.Equal(confirmed, state.Confirmed);
        slots.CheckComplete(confirmed, TestContext.Current.CancellationToken);
        // GRUB takes the other slot too, where the confirmed one cannot be loaded
        if (slots.Report(confirmed.Other(), 0).CanBoot) slots.CheckComplete(confirmed.Other(), TestContext.Current.CancellationToken);
        if (state.Trial is null) return false;
        return slots.CheckComplete(state.Trial.Slot, TestContext.Current.CancellationToken).Version == version;
    }
}
