using Firn.Formats.Boot;
using Firn.Formats.Grub;
using Firn.Machine.Boot;

namespace Firn.Tests.Machine.Boot;

public sealed class GrubBootLoaderTests
{
    private static readonly BootState Before = new BootState(Slot.A, null, 0, 1).Try(Slot.B, 3);
    private static readonly BootState After = Before.Confirm(Slot.B);

    [Fact]
    public void The_state_is_written_to_both_copies_each_flushed_by_itself()
    {
        var disk = new RecordingDisk(TestDisk.Make(Before));

        new GrubBootLoader(disk).Write(After);

        Assert.Equal(["write 1024", "flush", "write 1024", "flush"], disk.Operations.Select(
            operation => operation.IsFlush ? "flush" : $"write {operation.Bytes!.Length}"));
        Assert.Equal(After, new GrubBootLoader(disk).Read());
        Assert.True(TestDisk.Environment(disk.Content, DiskLayout.PrimaryEnvironment)
            .SequenceEqual(TestDisk.Environment(disk.Content, DiskLayout.BackupEnvironment)));
    }

    [Fact]
    public void Nothing_is_written_when_nothing_changes()
    {
        var disk = new RecordingDisk(TestDisk.Make(Before));

        new GrubBootLoader(disk).Write(Before);

        Assert.Empty(disk.Operations);
    }

    [Fact]
    public void The_backup_is_read_when_the_primary_is_damaged()
    {
        var disk = TestDisk.Make(Before);
        TestDisk.Environment(disk, DiskLayout.PrimaryEnvironment)[30] = 0;

        Assert.Equal(Before, new GrubBootLoader(new RecordingDisk(disk)).Read());
    }

    [Fact]
    public void Without_a_readable_copy_the_error_says_what_to_do()
    {
        var disk = TestDisk.Make(Before);
        TestDisk.Environment(disk, DiskLayout.PrimaryEnvironment).Clear();
        TestDisk.Environment(disk, DiskLayout.BackupEnvironment).Clear();

        var error = Assert.Throws<InvalidDataException>(() => new GrubBootLoader(new RecordingDisk(disk)).Read());

        Assert.Contains("firn boot set a", error.Message);
        Assert.Contains("state1.env", error.Message);
        Assert.Contains("state2.env", error.Message);
    }

    [Fact]
    public void A_torn_write_leads_to_the_state_before_or_after_never_to_an_older_one()
    {
        // given a trial that GRUB has counted down, which it does in the primary only
        var disk = TestDisk.Make(Before);
        var counted = Before with { Trial = new(Slot.B, 2) };
        new GrubEnvironment(counted.ToVariables()).WriteTo(TestDisk.Environment(disk, DiskLayout.PrimaryEnvironment));
        var recorded = new RecordingDisk([.. disk]);

        new GrubBootLoader(recorded).Write(After);

        for (var prefix = 0; prefix <= recorded.Operations.Count; prefix++)
        {
            var cut = disk.ToArray();
            foreach (var write in recorded.Operations[..prefix].Where(operation => !operation.IsFlush))
                write.Bytes!.CopyTo(cut.AsSpan((int)write.Offset));
            // and the write in flight leaves neither what was there nor what was to be
            if (prefix < recorded.Operations.Count && recorded.Operations[prefix] is { IsFlush: false } torn)
                cut.AsSpan((int)torn.Offset, 512).Fill(0xa5);
            Assert.Contains(new GrubBootLoader(new RecordingDisk(cut)).Read(), new[] { counted, After });
        }
    }

    [Fact]
    public void A_disk_with_only_a_good_backup_keeps_it_until_the_primary_is_whole()
    {
        var disk = TestDisk.Make(Before);
        TestDisk.Environment(disk, DiskLayout.PrimaryEnvironment).Clear();
        var recorded = new RecordingDisk([.. disk]) { FailsAt = 1 };

        Assert.Throws<IOException>(() => new GrubBootLoader(recorded).Write(After));

        var torn = recorded.Content.ToArray();
        TestDisk.Environment(torn, DiskLayout.PrimaryEnvironment)[..512].Clear();
        Assert.Equal(Before, new GrubBootLoader(new RecordingDisk(torn)).Read());
    }

    [Fact]
    public void A_copy_that_is_gone_does_not_hide_the_other_but_cannot_be_written()
    {
        var content = TestDisk.Make(Before);
        var esp = TestDisk.Partition(content, DiskLayout.EspPartition);
        esp[esp.IndexOf("STATE1  ENV"u8)] = (byte)'X';
        var disk = new RecordingDisk(content);

        Assert.Equal(Before, new GrubBootLoader(disk).Read());
        Assert.Contains("state1.env: missing", Assert.Throws<InvalidDataException>(() => new GrubBootLoader(disk).Write(After)).Message);
        Assert.Empty(disk.Operations);
    }

    [Fact]
    public void A_damaged_ESP_is_an_error_and_never_a_wrong_state()
    {
        var disk = TestDisk.Make(Before);
        var partition = TestDisk.Table().Find(DiskLayout.EspPartition)!;
        var esp = disk.AsSpan((int)partition.OffsetBytes, (int)partition.SizeBytes).ToArray();

        Formats.Damage.Check(esp, 200_000, (damaged, _) =>
        {
            damaged.CopyTo(disk, partition.OffsetBytes);
            try
            {
                new GrubBootLoader(new RecordingDisk(disk)).Read();
            }
            catch (InvalidDataException)
            {
                // said that it cannot be read
            }
        });
    }
}
