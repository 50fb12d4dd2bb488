using System.Buffers.Binary;
using Firn.Formats.Gpt;

namespace Firn.Tests.Formats.Gpt;

public sealed class GptTests
{
    private const int Sectors = 16384;

    private static readonly GptTable Table = new(GptIds.Derive("test", "disk"), Sectors,
    [
        new(1, "firn-bios", GptTypes.BiosBoot, GptIds.Derive("test", "firn-bios"), 2048, 4095),
        new(2, "firn-esp", GptTypes.Esp, GptIds.Derive("test", "firn-esp"), 4096, 8191, Attributes: 1),
        new(7, "däta ❄", GptTypes.LinuxData, GptIds.Derive("test", "data"), 8192, Sectors - 34, Attributes: 1UL << 60),
    ]);

    private static MemoryStream WrittenDisk(GptTable table)
    {
        var disk = new MemoryStream();    // of its own buffer, which tests change
        disk.SetLength(table.SectorCount * 512);
        GptWriter.Write(table, disk);
        return disk;
    }

    private static void AssertSame(GptTable expected, GptTable actual)
    {
        Assert.Equal(expected.DiskId, actual.DiskId);
        Assert.Equal(expected.SectorCount, actual.SectorCount);
        Assert.Equal(expected.Partitions, actual.Partitions);
    }

    [Fact]
    public void Headers_entries_and_protective_mbr_stand_where_UEFI_puts_them()
    {
        var bytes = GptWriter.Encode(Table);

        var mbr = bytes.ProtectiveMbr.Bytes.Span;
        Assert.Equal("000002" + "00EE" + "FFFFFF" + "01000000" + "FF3F0000", Convert.ToHexString(mbr[446..462]));
        Assert.Equal(0, bytes.ProtectiveMbr.OffsetBytes);
        Assert.Equal("55AA", Convert.ToHexString(mbr[510..]));

        var header = bytes.Primary.Bytes.Span;
        Assert.Equal(512, bytes.Primary.OffsetBytes);
        Assert.Equal("4546492050415254" + "00000100" + "5C000000", Convert.ToHexString(header[..16]));
        Assert.Equal([1, Sectors - 1, 34, Sectors - 34], Sectors64(header[24..56]));
        Assert.Equal("02000000000000008000000080000000", Convert.ToHexString(header[72..88]));

        var entry = header[512..];
        Assert.Equal("4861682149646F6E744E656564454649", Convert.ToHexString(entry[..16]));    // "Hah!IdontNeedEFI"
        Assert.Equal([2048, 4095, 0], Sectors64(entry[32..56]));
        Assert.Equal("6600690072006E00", Convert.ToHexString(entry[56..64]));

        Assert.Equal((Sectors - 33) * 512, bytes.Backup.OffsetBytes);
        Assert.Equal([Sectors - 1, 1], Sectors64(bytes.Backup.Bytes.Span[(32 * 512 + 24)..(32 * 512 + 40)]));
        Assert.True(bytes.Backup.Bytes.Span[..(32 * 512)].SequenceEqual(header[512..]));
    }

    [Fact]
    public void A_table_reads_back_as_it_was_written()
    {
        var read = GptReader.Read(WrittenDisk(Table), out var copy);

        AssertSame(Table, read);
        Assert.Equal(GptCopy.Primary, copy);
        Assert.Equal(7, read.Find("däta ❄")!.Number);
        Assert.Equal(2048 * 512, read.Find("firn-bios")!.OffsetBytes);
        Assert.Equal(1 << 20, read.Find("firn-bios")!.SizeBytes);
        Assert.Null(read.Find("Firn-bios"));
    }

    [Fact]
    public void All_128_places_can_be_used()
    {
        var partitions = Enumerable.Range(1, 128).Select(number => new GptPartition(
            number, new string('n', 36), GptTypes.LinuxData, GptIds.Derive("many", $"{number}"), 33 + number, 33 + number));
        var table = new GptTable(Table.DiskId, 4096, [.. partitions]);

        AssertSame(table, GptReader.Read(WrittenDisk(table)));
    }

    [Fact]
    public void Boot_code_in_sector_0_survives_a_new_table()
    {
        var disk = WrittenDisk(Table);
        disk.GetBuffer().AsSpan(0, 512).Fill(0xab);

        GptWriter.Write(Table, disk);

        Assert.All(disk.GetBuffer()[..440], value => Assert.Equal(0xab, value));
        AssertSame(Table, GptReader.Read(disk));
    }

    [Fact]
    public void One_changed_byte_never_changes_what_is_read()
    {
        var valid = WrittenDisk(Table).ToArray();
        var places = Enumerable.Range(512, 92).Concat(Enumerable.Range(1024, 7 * 128))
            .Concat(Enumerable.Range(valid.Length - 33 * 512, 7 * 128)).Concat(Enumerable.Range(valid.Length - 512, 92));
        foreach (var place in places)
        {
            valid[place] ^= 0x10;
            AssertSame(Table, GptReader.Read(new MemoryStream(valid), out var copy));
            Assert.Equal(place < valid.Length / 2 ? GptCopy.Backup : GptCopy.Primary, copy);
            valid[place] ^= 0x10;
        }
    }

    [Fact]
    public void A_disk_whose_two_copies_are_damaged_says_what_is_wrong_with_each()
    {
        var disk = WrittenDisk(Table);
        disk.GetBuffer()[512 + 60]++;
        disk.GetBuffer()[(Sectors - 33) * 512]++;

        var error = Assert.Throws<InvalidDataException>(() => GptReader.Read(disk));

        Assert.StartsWith("primary GPT: header CRC 0x", error.Message);
        Assert.Contains("backup GPT: entries have CRC 0x", error.Message);
    }

    [Fact]
    public void A_table_under_an_ordinary_mbr_is_a_leftover()
    {
        var disk = WrittenDisk(Table);
        disk.GetBuffer()[450] = 0x83;

        var error = Assert.Throws<InvalidDataException>(() => GptReader.Read(disk));

        Assert.Contains("protective MBR", error.Message);
    }

    [Fact]
    public void An_image_on_a_larger_disk_keeps_its_table_until_it_is_written_again()
    {
        var disk = WrittenDisk(Table);
        var larger = new MemoryStream(new byte[2 * Sectors * 512]);
        disk.WriteTo(larger);

        var old = GptReader.Read(larger);
        var grown = old with { SectorCount = larger.Length / 512 };
        grown = grown with
        {
            Partitions = [.. old.Partitions[..2], old.Partitions[2] with { LastSector = grown.LastUsableSector }],
        };
        GptWriter.Write(grown, larger);

        Assert.Equal(Sectors, old.SectorCount);
        AssertSame(grown, GptReader.Read(larger));
        Assert.Equal(2 * Sectors - 34, GptReader.Read(larger).Find("däta ❄")!.LastSector);
    }

    [Fact]
    public void Replacing_a_table_part_by_part_leaves_one_of_the_two_readable()
    {
        var disk = WrittenDisk(Table);
        var next = Table with { Partitions = Table.Partitions[..1] };
        var bytes = GptWriter.Encode(next);
        foreach (var region in new[] { bytes.Backup, bytes.Primary })
            for (var sector = 0; sector < 33; sector++)
            {
                region.Bytes.Span.Slice(sector * 512, 512)
                    .CopyTo(disk.GetBuffer().AsSpan((int)region.OffsetBytes + sector * 512));
                Assert.Contains(GptReader.Read(disk).Partitions.Length, new[] { 1, 3 });
            }
        AssertSame(next, GptReader.Read(disk));
    }

    [Fact]
    public void Tables_that_cannot_be_are_not_written()
    {
        var bios = Table.Partitions[0];
        Refused("overlap", bios with { Number = 2, Id = Guid.NewGuid(), FirstSector = 4095, LastSector = 4100 });
        Refused("the number is taken", bios with { Id = Guid.NewGuid(), FirstSector = 5000, LastSector = 5001 });
        Refused("is taken", bios with { Number = 2, FirstSector = 5000, LastSector = 5001 });
        Refused("not within", bios with { Number = 2, Id = Guid.NewGuid(), FirstSector = 33, LastSector = 40 });
        Refused("not within", bios with { Number = 2, Id = Guid.NewGuid(), FirstSector = 9000, LastSector = Sectors - 33 });
        Refused("36 characters", bios with { Number = 2, Id = Guid.NewGuid(), Name = new('x', 37) });
        Refused("1 to 128", bios with { Number = 129, Id = Guid.NewGuid() });

        static void Refused(string reason, GptPartition added)
        {
            var table = Table with { Partitions = [Table.Partitions[0], added] };
            Assert.Contains(reason, Assert.Throws<ArgumentException>(() => GptWriter.Encode(table)).Message);
        }
    }

    [Fact]
    public void A_valid_checksum_does_not_make_impossible_headers_readable()
    {
        Crafted("sector 16384", header => BinaryPrimitives.WriteInt64LittleEndian(header[72..], Sectors));
        Crafted("overlap something else", header => BinaryPrimitives.WriteInt64LittleEndian(header[72..], 1));
        Crafted("entries, expected", header => BinaryPrimitives.WriteUInt32LittleEndian(header[80..], uint.MaxValue));
        Crafted("entries of", header => BinaryPrimitives.WriteUInt32LittleEndian(header[84..], 1U << 31));
        Crafted("make no sense", header => BinaryPrimitives.WriteInt64LittleEndian(header[40..], Sectors - 1));
        Crafted("outside of", header => BinaryPrimitives.WriteInt64LittleEndian(header[48..], 5000));
        Crafted("header revision", header => header[8] = 1);

        static void Crafted(string reason, SpanAction change)
        {
            var disk = WrittenDisk(Table);
            disk.GetBuffer()[(Sectors - 1) * 512] = 0;    // no backup
            var header = disk.GetBuffer().AsSpan(512, 92);
            change(header);
            header[16..20].Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32.Of(header));
            Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => GptReader.Read(disk)).Message);
        }
    }

    private delegate void SpanAction(Span<byte> header);

    [Fact]
    public void Damage_and_truncation_end_in_a_table_or_an_error()
    {
        var small = Table with { SectorCount = 68, Partitions = [Table.Partitions[0] with { FirstSector = 34, LastSector = 34 }] };
        var valid = WrittenDisk(small).ToArray();

        Damage.IsSurvived(valid, bytes => GptReader.Read(new MemoryStream(bytes)), reach: 1200);
        Damage.IsSurvived(valid, bytes => GptReader.Read(new MemoryStream(bytes)));
        Damage.TruncationIsSurvived(valid, bytes => GptReader.Read(new MemoryStream(bytes)), step: 97);
    }

    [Fact]
    public void Sgdisk_finds_no_problem_and_sfdisk_sees_the_same_partitions()
    {
        using var scratch = new ScratchDirectory();
        var image = scratch.Write("disk.img", WrittenDisk(Table).ToArray());

        var verdict = ForeignTool.Run("sgdisk", "-v", image);
        var dump = ForeignTool.Run("sfdisk", "-d", image);

        Assert.Contains("No problems found", verdict);
        Assert.Contains($"label-id: {Table.DiskId.ToString().ToUpperInvariant()}", dump);
        Assert.Contains("first-lba: 34", dump);
        Assert.Contains($"last-lba: {Sectors - 34}", dump);
        var lines = dump.Split('\n').Where(line => line.StartsWith(image)).ToArray();
        Assert.Equal(3, lines.Length);
        Assert.Matches(
            $"img2 : start= +4096, size= +4096, type={GptTypes.Esp}, uuid={Table.Partitions[1].Id}, "
            + "name=\"firn-esp\", attrs=\"RequiredPartition\"", Lower(lines[1]));
        Assert.Contains("img7 :", lines[2]);
        Assert.Contains("attrs=\"GUID:60\"", lines[2]);
    }

    /// <summary>GUIDs as .NET writes them, and nothing else, in lower case.</summary>
    private static string Lower(string line) => System.Text.RegularExpressions.Regex.Replace(
        line, "[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", guid => guid.Value.ToLowerInvariant());

    [Fact]
    public void A_table_that_sgdisk_made_reads_the_same_in_both_copies()
    {
        using var scratch = new ScratchDirectory();
        var image = scratch.Write("disk.img", new byte[4 << 20]);
        ForeignTool.Run("sgdisk", "-U", Table.DiskId.ToString(), "-n", "3:2048:4095", "-t", "3:8300", "-c", "3:root",
            "-u", $"3:{Table.Partitions[0].Id}", "-A", "3:set:60", image);

        var bytes = File.ReadAllBytes(image);
        var primary = GptReader.Read(new MemoryStream(bytes), out var first);
        bytes[512] = 0;
        var backup = GptReader.Read(new MemoryStream(bytes), out var second);

        AssertSame(new(Table.DiskId, 8192,
            [new(3, "root", GptTypes.LinuxData, Table.Partitions[0].Id, 2048, 4095, 1UL << 60)]), primary);
        AssertSame(primary, backup);
        Assert.Equal((GptCopy.Primary, GptCopy.Backup), (first, second));
    }

    [Fact]
    public void Derived_ids_are_the_same_everywhere_and_forever()
    {
        // printf 'seed\0name' | sha256sum, with version and variant set
        Assert.Equal(new Guid("340950a7-cfb5-8597-bf15-031a1fdd6d4f"), GptIds.Derive("seed", "name"));
        Assert.NotEqual(GptIds.Derive("seed", "name"), GptIds.Derive("seed", "name2"));
        Assert.NotEqual(GptIds.Derive("ab", "c"), GptIds.Derive("a", "bc"));
    }

    private static long[] Sectors64(ReadOnlySpan<byte> bytes)
    {
        var values = new long[bytes.Length / 8];
        for (var index = 0; index < values.Length; index++)
            values[index] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 * index)..]);
        return values;
    }
}
