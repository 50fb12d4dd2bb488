using Firn.Formats.Boot;
using Firn.Formats.Ext4;
using Firn.Formats.Gpt;
using Firn.Machine.Boot;
using Firn.Machine.Data;

namespace Firn.Tests.Machine.Data;

public sealed class DataPreparationTests : IDisposable
{
    private const int GrownBytes = 32 << 20;

    private readonly Formats.ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    /// <summary>A disk image that was copied to a larger disk: the rest of it is new.</summary>
    private string Disk(int addedBytes = GrownBytes, Action<byte[]>? change = null)
    {
        var content = TestDisk.Make();
        for (var i = 0; i < 440; i++) content[i] = (byte)i;    // boot code
        change?.Invoke(content);
        var path = _scratch.Write("disk.img", content);
        using var file = File.OpenWrite(path);
        file.SetLength(content.Length + addedBytes);
        return path;
    }

    private static GptTable Table(string path, out GptCopy copy)
    {
        using var file = File.OpenRead(path);
        return GptReader.Read(file, out copy);
    }

    private static byte[] Data(string path)
    {
        using var file = File.OpenRead(path);
        var data = GptReader.Read(file).Find(DiskLayout.DataPartition)!;
        var bytes = new byte[data.SizeBytes];
        file.Position = data.OffsetBytes;
        file.ReadExactly(bytes);
        return bytes;
    }

    private void CheckFilesystem(string path)
    {
        var data = _scratch.Write("data.img", Data(path));
        Formats.ForeignTool.Run("e2fsck", "-f", "-n", data);
    }

    [Fact]
    public void A_new_disk_gets_a_data_partition_to_its_end_with_a_filesystem()
    {
        var path = Disk();

        var result = DataPreparation.Run(path);

        Assert.Equal((false, true, true, false), (result.WasAdded, result.WasGrown, result.WasFormatted, result.FilesystemWasGrown));
        Assert.InRange(result.SizeBytes, GrownBytes, GrownBytes + TestDisk.DataPartitionBytes);
        Formats.ForeignTool.Run("sgdisk", "-v", path);
        Assert.Contains("No problems found", Formats.ForeignTool.Run("sgdisk", "-v", path));
        CheckFilesystem(path);
        var superblock = Ext4Superblock.Read(Data(path).AsSpan(Ext4Superblock.Offset, Ext4Superblock.Size))!;
        Assert.Equal(DiskLayout.DataPartition, superblock.Label);
        Assert.InRange(superblock.SizeBytes, result.SizeBytes - DataTable.SmallestBytes, result.SizeBytes);
        Assert.Equal(Enumerable.Range(0, 440).Select(i => (byte)i), File.ReadAllBytes(path)[..440]);
    }

    [Fact]
    public void A_second_run_changes_nothing()
    {
        var path = Disk();
        DataPreparation.Run(path);
        var before = File.ReadAllBytes(path);

        var result = DataPreparation.Run(path);

        Assert.Equal((false, false, false, false), (result.WasAdded, result.WasGrown, result.WasFormatted, result.FilesystemWasGrown));
        Assert.Equal(before, File.ReadAllBytes(path));
    }

    [Fact]
    public void A_filesystem_grows_with_its_disk_and_keeps_its_files()
    {
        var path = Disk();
        DataPreparation.Run(path);
        var offset = Table(path, out _).Find(DiskLayout.DataPartition)!.OffsetBytes;
        _scratch.Write("note", "kept"u8);
        Formats.ForeignTool.Run("debugfs", "-w", "-R", $"write {_scratch.File("note")} note", $"{path}?offset={offset}");
        using (var file = File.OpenWrite(path)) file.SetLength(file.Length + GrownBytes);

        var result = DataPreparation.Run(path);

        Assert.True(result is { WasGrown: true, FilesystemWasGrown: true, WasFormatted: false });
        CheckFilesystem(path);
        Assert.Equal("kept", Formats.ForeignTool.Run("debugfs", "-R", "cat note", _scratch.File("data.img")));
        Assert.InRange(
            Ext4Superblock.Read(Data(path).AsSpan(Ext4Superblock.Offset, Ext4Superblock.Size))!.SizeBytes,
            2 * GrownBytes, 3 * GrownBytes);
    }

    [Fact]
    public void A_disk_without_a_data_partition_gets_one()
    {
        var path = Disk(change: content =>
        {
            var table = TestDisk.Table();
            GptWriter.Write(
                table with { Partitions = table.Partitions.Remove(table.Find(DiskLayout.DataPartition)!) }, new MemoryStream(content));
        });

        var result = DataPreparation.Run(path);

        Assert.True(result is { WasAdded: true, WasFormatted: true });
        Assert.Contains("No problems found", Formats.ForeignTool.Run("sgdisk", "-v", path));
        CheckFilesystem(path);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(512)]
    [InlineData((1 << 20) - 1)]
    public void Unknown_data_is_never_overwritten(int at)
    {
        var path = Disk(change: content => TestDisk.Partition(content, DiskLayout.DataPartition)[at] = 1);
        var before = File.ReadAllBytes(path);

        Assert.Contains("never destroyed", Assert.Throws<RefusedException>(() => DataPreparation.Run(path)).Message);

        Assert.Equal(before, File.ReadAllBytes(path));
    }

    [Fact]
    public void A_filesystem_that_a_power_cut_left_half_made_is_made_again()
    {
        var path = Disk();
        DataPreparation.Run(path);
        var data = Table(path, out _).Find(DiskLayout.DataPartition)!;
        var content = File.ReadAllBytes(path);
        // what the marker promises: some of mke2fs's writes are there, the superblock is not
        content.AsSpan((int)data.OffsetBytes, 4096).Clear();
        System.Text.Encoding.ASCII.GetBytes($"firn: making a filesystem in partition {data.Id}, not yet complete\n")
            .CopyTo(content, data.OffsetBytes + data.SizeBytes - 4096);
        File.WriteAllBytes(path, content);

        Assert.True(DataPreparation.Run(path).WasFormatted);

        CheckFilesystem(path);
        Assert.False(DataPreparation.Run(path).WasFormatted);
    }

    [Fact]
    public void The_table_can_lose_power_between_any_two_writes()
    {
        var before = TestDisk.Make().Concat(new byte[GrownBytes]).ToArray();
        var recorded = new RecordingDevice([.. before]);
        var wanted = DataTable.Plan(GptReader.Read(new MemoryStream(before[..^GrownBytes])), before.Length / GptTable.SectorBytes);

        Assert.True(TableWriter.Write(wanted, recorded));

        Assert.Equal(2, recorded.Writes.Count);
        Assert.True(recorded.Writes[0].Offset > GrownBytes, "the backup comes first");
        Assert.InRange(recorded.Writes[1].Bytes.Length, 512, 4096);
        for (var count = 0; count <= recorded.Writes.Count; count++)
        {
            var disk = before.ToArray();
            foreach (var (offset, bytes) in recorded.Writes[..count]) bytes.CopyTo(disk, offset);
            var table = GptReader.Read(new MemoryStream(disk), out var copy);
            Assert.Equal(GptCopy.Primary, copy);
            Assert.Equal(TestDisk.Table().Partitions[..^1], table.Partitions[..^1]);
        }
        Assert.False(TableWriter.Write(wanted, recorded));
    }

    [Fact]
    public void A_partition_behind_it_keeps_the_data_partition_from_growing()
    {
        var table = TestDisk.Table();
        var last = table.Partitions[^1];
        var behind = new GptPartition(20, "other", GptTypes.LinuxData, Guid.NewGuid(), last.LastSector + 1, last.LastSector + 100);
        var wide = table with { SectorCount = table.SectorCount + 100_000, Partitions = table.Partitions.Add(behind) };

        Assert.Equal(wide.Partitions, DataTable.Plan(wide, wide.SectorCount).Partitions);
    }

    [Fact]
    public void A_disk_without_a_table_or_without_room_is_refused()
    {
        var full = TestDisk.Table();
        full = full with { Partitions = full.Partitions.Remove(full.Partitions[^1]), SectorCount = full.Partitions[^1].FirstSector + 40 };

        Assert.Throws<RefusedException>(() => DataTable.Plan(full, full.SectorCount));
        Assert.Throws<InvalidDataException>(() => DataPreparation.Run(_scratch.Write("zeros", new byte[1 << 20])));
    }

    [Fact]
    public void A_damaged_superblock_is_data_or_an_error()
    {
        var superblock = new byte[Ext4Superblock.Size];
        superblock[0x38] = 0x53;
        superblock[0x39] = 0xef;
        superblock[0x5] = 1;
        Assert.Equal(256 * 1024, Ext4Superblock.Read(superblock)!.SizeBytes);

        Formats.Damage.IsSurvived(superblock, bytes => Ext4Superblock.Read(bytes));
    }

    private sealed class RecordingDevice(byte[] content) : Firn.Linux.Block.IBlockDevice
    {
        public List<(long Offset, byte[] Bytes)> Writes { get; } = [];
        public string Name => "disk";
        public long SizeBytes => content.Length;
        public void Read(long offset, Span<byte> destination) => content.AsSpan((int)offset, destination.Length).CopyTo(destination);

        public void Write(long offset, ReadOnlySpan<byte> source)
        {
            Writes.Add((offset, source.ToArray()));
            source.CopyTo(content.AsSpan((int)offset));
        }

        public void Flush() { }
        public void DropCache() { }
        public void Dispose() { }
    }
}
