using System.Text.RegularExpressions;
using Firn.Formats.Boot;
using Firn.Formats.Gpt;
using Firn.Images.BootLoaders;
using Firn.Images.VirtualMachines;
using Firn.Tests.Machine;
using Firn.Tests.Machine.Crashes;

namespace Firn.SystemTests;

/// <summary>
/// The checker of power cuts asks a model what GRUB would start; here GRUB itself is asked, with the real <c>grub.cfg</c>, for
/// some of the disks that the checker made up. Their kernels say whose they are and switch off.
/// </summary>
public sealed class GrubDecidesAsTheModelSays
{
    private const int PerKind = 1;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task On_disks_as_a_power_cut_leaves_them()
    {
        using var scratch = new TemporaryDirectory();
        var random = new Random(Soak.Seed);
        var disks = new List<byte[]>();
        using (var life = new RecordedLife(Bootable(new(Slot.A, null, 0, 1), "2", scratch), "1", "2"))
        {
            await life.InstallAsync("3");
            life.BootOnTrial();
            life.Write(state => state.Confirm(Slot.B));
            disks.AddRange(life.Sample(PerKind * Soak.Factor, 50, random));
        }
        disks.Add(Bootable(new BootState(Slot.A).Try(Slot.B, 3), null, scratch));    // a trial of nothing
        disks.Add(Bootable(new BootState(Slot.B, null, 0, 1), null, scratch));       // nothing is confirmed
        disks.Add(Bootable(new BootState(Slot.A).Try(Slot.B, 3).Abandon(), "2", scratch));

        var check = new CrashCheck([.. new[] { "1", "2", "3" }.Select(RecordedLife.Release)]);
        foreach (var disk in disks)
        {
            var expected = check.First(disk) is { } first ? $"{first.Start.Slot.Name()}: {RecordedLife.KernelMessage(first.Version!)}" : "nothing";
            Assert.Equal(expected, Ask(disk, scratch["disk.img"]));
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{disks.Count} disks, seed {Soak.Seed}");
    }

    /// <summary>The slot that GRUB says it starts, and what its kernel says.</summary>
    private static string Ask(byte[] disk, string file)
    {
        File.WriteAllBytes(file, disk);
        using var machine = new VirtualMachine(TestMachine.WithBootSector(file));
        machine.Start(TestContext.Current.CancellationToken);
        var end = machine.Console.WaitFor("kernel of release [0-9]|no slot can be loaded", Limit, null, TestContext.Current.CancellationToken);
        var slot = Regex.Matches(machine.Console.Text, "firn: slot (a|b|rescue)(?! (on|could|holds|is))").LastOrDefault()?.Groups[1].Value;
        return end.Value.StartsWith('k') ? $"{slot}: {end.Value}" : "nothing";
    }

    private static byte[] Bootable(BootState state, string? versionB, TemporaryDirectory scratch)
    {
        var table = TestDisk.Table();
        var bios = table.Find(DiskLayout.BiosPartition)!;
        var config = GrubConfig.Create(new(
            "test", 0, "ttyS0", table.Find("firn-boot-a")!.Number, table.Find("firn-boot-b")!.Number, null, null));
        var disk = TestDisk.Make(state, versionB, make: RecordedLife.Release, grubConfig: config);
        var grub = GrubImages.Make(bios.OffsetBytes / GptTable.SectorBytes, Directory.CreateDirectory(scratch["grub"]).FullName);
        grub.BiosBoot.CopyTo(disk, 0);
        grub.BiosCore.CopyTo(disk, bios.OffsetBytes);
        return disk;
    }
}
