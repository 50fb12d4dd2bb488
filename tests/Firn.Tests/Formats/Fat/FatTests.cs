using System.Buffers.Binary;
using System.Text;
using Firn.Formats.Fat;
using Firn.Formats.Trees;

namespace Firn.Tests.Formats.Fat;

public sealed class FatTests
{
    private static readonly FatOptions Options =
        new(8 << 20, "FIRN-BOOT", 0xf1a7_0001, 2048, new(2026, 3, 4, 5, 6, 8, TimeSpan.Zero));

    private static FileNode File(int size, int seed = 1)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return new(FileKind.File) { Content = FileContent.Of(bytes) };
    }

    private static FileNode Text(string text) => new(FileKind.File) { Content = FileContent.Of(text) };

    private static FileTree Tree(params (string Path, FileNode Node)[] entries)
    {
        var tree = new FileTree();
        foreach (var (path, node) in entries) tree.Put(path, node);
        return tree;
    }

    private static FileTree BootImage() => Tree(
        ("vmlinuz", File(1_500_001)), ("initrd.img", File(1_000_000, 2)), ("slot.cfg", Text("set a=1\n")),
        ("release.json", Text("{}")), ("empty", File(0)), ("EFI/BOOT/BOOTX64.EFI", File(70_000, 3)), ("firn/grub.cfg", Text("boot\n")),
        ("firn/state1.env", File(1024, 4)), ("firn/state2.env", File(1024, 5)), ("overlays/bcm2711-rpi-4-b.dtb", File(5000, 6)),
        ("overlays/bcm2711-rpi-400.dtb", File(5000, 7)), ("overlays/Ünïcode ❄ 𝄞.txt", Text("music")),
        ("overlays/" + new string('l', 251) + ".txt", Text("long")), ("overlays/Mixed.Txt", Text("mixed")),
        ("overlays/.hidden", Text("hidden")), ("overlays/a+b=c", Text("plus")), ("a/b/c/d/e/f/deep", Text("deep")));

    private static MemoryStream Written(FileTree tree, FatOptions options)
    {
        var volume = new MemoryStream();
        FatWriter.Write(tree, options, volume);
        Assert.Equal(options.SizeBytes, volume.Length);
        return volume;
    }

    public static TheoryData<long, FatType?, FatType> Volumes => new()
    {
        { 8 << 20, null, FatType.Fat16 },
        { 20 << 20, null, FatType.Fat16 },
        { (64 << 20) + 512, FatType.Fat32, FatType.Fat32 },
    };

    private static void AssertHolds(FileTree tree, FatReader reader)
    {
        var expected = tree.Walk().ToList();
        Assert.Equal(expected.Select(entry => entry.Path), Walk("").Select(entry => entry.Path).Order(StringComparer.Ordinal)
            .OrderBy(path => expected.FindIndex(entry => entry.Path == path)));
        foreach (var (path, node) in expected)
        {
            var entry = reader.Find(path);
            Assert.NotNull(entry);
            Assert.Equal((path, node.IsDirectory), (entry.Path, entry.IsDirectory));
            if (!node.IsDirectory) Assert.Equal(node.Content.ReadAll(), reader.ReadAll(entry, 1 << 26));
        }

        IEnumerable<FatEntry> Walk(string directory) =>
            reader.List(directory).SelectMany(entry => entry.IsDirectory ? Walk(entry.Path).Prepend(entry) : [entry]);
    }

    [Theory, MemberData(nameof(Volumes))]
    public void Files_read_back_as_they_were_written(long sizeBytes, FatType? wanted, FatType type)
    {
        var tree = BootImage();

        var reader = new FatReader(Written(tree, Options with { SizeBytes = sizeBytes, Type = wanted }));

        Assert.Equal(type, reader.Type);
        AssertHolds(tree, reader);
        Assert.Equal("EFI/BOOT/BOOTX64.EFI", reader.Find("efi/boot/bootx64.efi")!.Path);
        Assert.Null(reader.Find("EFI/BOOT/nothing"));
        Assert.Null(reader.Find("vmlinuz/nothing"));
        Assert.Throws<DirectoryNotFoundException>(() => reader.List("nowhere"));
    }

    [Theory, MemberData(nameof(Volumes))]
    public void Every_file_is_one_extent_and_shares_no_4_KiB_with_another(long sizeBytes, FatType? wanted, FatType _)
    {
        var tree = BootImage();
        var volume = Written(tree, Options with { SizeBytes = sizeBytes, Type = wanted });
        var reader = new FatReader(volume);

        foreach (var (path, node) in tree.Walk().Where(entry => entry.Node.Content.SizeBytes > 0))
        {
            var extent = Assert.Single(reader.Extents(reader.Find(path)!));
            Assert.Equal(node.Content.SizeBytes, extent.LengthBytes);
            Assert.Equal(0, extent.OffsetBytes % 4096);
            Assert.Equal(node.Content.ReadAll(),
                volume.GetBuffer().AsSpan((int)extent.OffsetBytes, (int)extent.LengthBytes).ToArray());
        }
        Assert.Empty(reader.Extents(reader.Find("empty")!));
    }

    [Theory, MemberData(nameof(Volumes))]
    public void Fsck_and_mtools_agree(long sizeBytes, FatType? wanted, FatType type)
    {
        using var scratch = new ScratchDirectory();
        var tree = BootImage();
        var image = scratch.Write(
            "fat.img", Written(tree, Options with { SizeBytes = sizeBytes, Type = wanted }).ToArray());

        var verdict = ForeignTool.Run("fsck.fat", "-n", "-v", image);
        var listing = ForeignTool.Run("mdir", "-i", image, "-/", "-b", "::");
        ForeignTool.Run("mcopy", "-s", "-i", image, "::", scratch.File("out"));

        Assert.Contains(type == FatType.Fat16 ? "16 bit" : "32 bit", verdict);
        Assert.DoesNotMatch("(?i)differ|wrong|dirty|uninitialized|not set", verdict);
        Assert.Contains("::/overlays/bcm2711-rpi-4-b.dtb\n", listing);
        Assert.Contains("::/EFI/BOOT/BOOTX64.EFI\n", listing);
        foreach (var (path, node) in tree.Walk().Where(entry => entry.Path.All(char.IsAscii)))
        {
            if (node.IsDirectory) Assert.True(Directory.Exists(scratch.File($"out/{path}")), path);
            else Assert.Equal(node.Content.ReadAll(), System.IO.File.ReadAllBytes(scratch.File($"out/{path}")));
        }
    }

    [Theory, MemberData(nameof(Volumes))]
    public void GRUB_reads_what_it_will_boot(long sizeBytes, FatType? wanted, FatType _)
    {
        using var scratch = new ScratchDirectory();
        var tree = BootImage();
        var image = scratch.Write(
            "fat.img", Written(tree, Options with { SizeBytes = sizeBytes, Type = wanted }).ToArray());
        var kernel = scratch.Write("vmlinuz", tree.Find("vmlinuz")!.Content.ReadAll());

        ForeignTool.Run("grub-fstest", image, "cmp", "(loop0)/vmlinuz", kernel);
        Assert.Equal("boot\n", ForeignTool.Run("grub-fstest", image, "cat", "(loop0)/firn/grub.cfg"));
        Assert.Equal("music", ForeignTool.Run("grub-fstest", image, "cat", "(loop0)/overlays/Ünïcode ❄ 𝄞.txt"));
    }

    [Fact]
    public void A_small_volume_is_FAT16_with_the_fields_of_the_specification()
    {
        var volume = Written(Tree(("vmlinuz", File(5000)), ("release.json", Text("{}"))), Options).ToArray();

        Assert.Equal("EB3C90" + "4D5357494E342E31", Convert.ToHexString(volume, 0, 11));
        Assert.Equal(512, BinaryPrimitives.ReadUInt16LittleEndian(volume.AsSpan(11)));
        Assert.Equal(2, volume[13]);
        Assert.Equal((2, 0xf8), (volume[16], volume[21]));
        Assert.Equal(16384, BinaryPrimitives.ReadUInt16LittleEndian(volume.AsSpan(19)));
        Assert.Equal(2048u, BinaryPrimitives.ReadUInt32LittleEndian(volume.AsSpan(28)));
        Assert.Equal("800029" + "0100A7F1", Convert.ToHexString(volume, 36, 7));
        Assert.Equal("FIRN-BOOT  FAT16   ", Encoding.ASCII.GetString(volume, 43, 19));
        Assert.Equal("55AA", Convert.ToHexString(volume, 510, 2));

        var reserved = BinaryPrimitives.ReadUInt16LittleEndian(volume.AsSpan(14)) * 512;
        Assert.Equal("F8FFFFFF" + "FFFF0000" + "0000" + "0000" + "0700" + "0800", Convert.ToHexString(volume, reserved, 16));
        var root = reserved + 2 * 512 * BinaryPrimitives.ReadUInt16LittleEndian(volume.AsSpan(22));
        Assert.Equal("FIRN-BOOT  \x08", Encoding.ASCII.GetString(volume, root, 12));
        // A long name's only entry, then RELEAS~1.JSO; then the kernel, whose name needs no long one.
        Assert.Equal("41720065006C00650061000F", Convert.ToHexString(volume, root + 32, 12));
        Assert.Equal("730065002E006A0073006F000000" + "6E000000", Convert.ToHexString(volume, root + 46, 18));
        Assert.Equal("RELEAS~1JSO\x20", Encoding.ASCII.GetString(volume, root + 64, 12));
        Assert.Equal("VMLINUZ    \x20\x08", Encoding.ASCII.GetString(volume, root + 96, 13));
        // 05:06:08 on 2026-03-04, cluster 6, 5000 bytes
        Assert.Equal("C428645C" + "645C" + "0000" + "C428645C" + "0600" + "88130000", Convert.ToHexString(volume, root + 110, 18));
    }

    [Fact]
    public void A_large_volume_is_FAT32_with_a_backup_and_a_true_count_of_free_clusters()
    {
        var options = Options with { SizeBytes = 64 << 20, Type = FatType.Fat32 };
        var volume = Written(BootImage(), options).ToArray();

        Assert.Equal("EB5890", Convert.ToHexString(volume, 0, 3));
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32LittleEndian(volume.AsSpan(17)));
        Assert.Equal(131072u, BinaryPrimitives.ReadUInt32LittleEndian(volume.AsSpan(32)));
        Assert.Equal("02000000" + "0100" + "0600", Convert.ToHexString(volume, 44, 8));
        Assert.Equal("FIRN-BOOT  FAT32   ", Encoding.ASCII.GetString(volume, 71, 19));
        Assert.Equal("52526141", Convert.ToHexString(volume, 512, 4));
        Assert.True(volume.AsSpan(0, 3 * 512).SequenceEqual(volume.AsSpan(6 * 512, 3 * 512)));

        var clusters = (131072 - BinaryPrimitives.ReadUInt16LittleEndian(volume.AsSpan(14))
            - 2 * BinaryPrimitives.ReadInt32LittleEndian(volume.AsSpan(36))) / volume[13];
        var fat = volume.AsSpan(512 * BinaryPrimitives.ReadUInt16LittleEndian(volume.AsSpan(14)));
        var free = 0;
        for (var cluster = 2; cluster < clusters + 2; cluster++)
            if (BinaryPrimitives.ReadUInt32LittleEndian(fat[(4 * cluster)..]) == 0) free++;
        Assert.Equal(free, BinaryPrimitives.ReadInt32LittleEndian(volume.AsSpan(512 + 488)));
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes()
    {
        Assert.Equal(Written(BootImage(), Options).ToArray(), Written(BootImage(), Options).ToArray());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(FatType.Fat16)]
    [InlineData(FatType.Fat32)]
    public void The_smallest_volume_holds_the_files_and_one_sector_less_does_not(FatType? type)
    {
        using var scratch = new ScratchDirectory();
        foreach (var size in new[] { 0, 3_000_000, 17_000_000 })
        {
            var tree = Tree(("vmlinuz", File(size)), ("initrd.img", File(size / 2)), ("etc/many", File(1)));
            var options = Options with { SizeBytes = FatWriter.MinimumSizeBytes(tree, type), Type = type };

            var volume = Written(tree, options);

            AssertHolds(tree, new(volume));
            ForeignTool.Run("fsck.fat", "-n", scratch.Write("fat.img", volume.ToArray()));
            Assert.Throws<InvalidDataException>(
                () => FatWriter.Write(tree, options with { SizeBytes = options.SizeBytes - 512 }, Stream.Null));
        }
    }

    [Fact]
    public void A_boot_image_takes_little_more_than_its_content()
    {
        var tree = Tree(("vmlinuz", File(14_000_000)), ("initrd.img", File(2_000_000)), ("slot.cfg", Text("")));

        Assert.InRange(FatWriter.MinimumSizeBytes(tree), 16_000_000, 16_200_000);
    }

    [Fact]
    public void Volumes_up_to_the_edge_of_each_type_stay_that_type_for_every_reader()
    {
        var root = FatPlan.Of(Tree(("a", File(1))));
        foreach (var mebibytes in new[] { 4, 5, 8, 9, 16, 17, 18, 33, 34, 128, 255, 256, 257, 300, 511, 512, 2048, 100_000 })
            for (var sectors = mebibytes * 2048L - 2000; sectors < mebibytes * 2048L + 2000; sectors += 7)
            {
                var geometry = FatGeometry.Choose(root, sectors, null)!;
                Assert.Equal(geometry.Type, geometry.Clusters < 65525 ? FatType.Fat16 : FatType.Fat32);
                Assert.InRange(geometry.Clusters, 4085 + 16, long.MaxValue);
                Assert.NotInRange(geometry.Clusters, 65525 - 16, 65525 + 15);
                Assert.True(geometry.FatSectors * 512 >= (geometry.Clusters + 2) * geometry.FatEntryBytes);
                Assert.Equal(0, geometry.FirstDataSector % 8);
                if (sectors <= 256 * 2048) Assert.Equal(FatType.Fat16, geometry.Type);
                if (sectors >= 257 * 2048) Assert.Equal(FatType.Fat32, geometry.Type);
            }
    }

    [Fact]
    public void A_directory_of_hundreds_of_long_names_is_held_by_either_root()
    {
        using var scratch = new ScratchDirectory();
        var tree = new FileTree();
        for (var number = 0; number < 300; number++) tree.Put($"a rather long name {number}.text", File(number % 7));
        foreach (var options in new[] { Options with { SizeBytes = 16 << 20 }, Options with { SizeBytes = 40 << 20, Type = FatType.Fat32 } })
        {
            var volume = Written(tree, options);

            AssertHolds(tree, new(volume));
            ForeignTool.Run("fsck.fat", "-n", scratch.Write("fat.img", volume.ToArray()));
        }
    }

    [Fact]
    public void What_FAT_cannot_keep_is_refused_with_its_path()
    {
        Refused("link: a Symlink", ("link", new(FileKind.Symlink) { LinkTarget = "x" }));
        Refused("d/x: another name differs only in case", ("d/X", Text("")), ("d/x", Text("")));
        Refused("a:b: the name contains ':'", ("a:b", Text("")));
        Refused("a.: the name ends with a dot", ("a.", Text("")));
        Refused("the path is too long", (string.Join('/', Enumerable.Repeat("d", 50_000)), Text("")));
        Refused("255 characters", (new('n', 256), Text("")));
        Refused("huge: a file cannot have 4 GiB", ("huge", new(FileKind.File) { Content = new Hollow(1L << 32) }));
        Refused("this one has 8388608", ("large", new(FileKind.File) { Content = new Hollow(1L << 23) }));
        var notText = new FileTree();
        notText.Root.Children[new([0xff])] = Text("");
        Assert.Contains("not UTF-8", Assert.Throws<InvalidDataException>(() => FatWriter.MinimumSizeBytes(notText)).Message);

        static void Refused(string reason, params (string, FileNode)[] entries) => Assert.Contains(
            reason, Assert.Throws<InvalidDataException>(() => FatWriter.Write(Tree(entries), Options, Stream.Null)).Message);
    }

    private sealed class Hollow(long sizeBytes) : FileContent
    {
        public override long SizeBytes => sizeBytes;
        public override void Read(long offset, Span<byte> destination) => destination.Clear();
    }

    [Fact]
    public void Options_that_no_volume_has_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Written(new(), Options with { SizeBytes = 1000 }));
        Assert.Throws<ArgumentException>(() => Written(new(), Options with { Label = "lower" }));
        Assert.Throws<ArgumentException>(() => Written(new(), Options with { Label = "TWELVE CHARS" }));
        Assert.Throws<ArgumentException>(() => Written(new(), Options with { HiddenSectors = 1L << 32 }));
        Assert.Contains("cannot be Fat16", Assert.Throws<InvalidDataException>(
            () => Written(new(), Options with { SizeBytes = 300 << 20, Type = FatType.Fat16 })).Message);
    }

    [Theory]
    [InlineData("16", "512", 16)]
    [InlineData("16", "2048", 32)]
    [InlineData("32", "512", 40)]
    public void A_volume_of_mkfs_and_mtools_with_a_fragmented_file_reads_the_same(string bits, string sectorBytes, int mebibytes)
    {
        using var scratch = new ScratchDirectory();
        var image = scratch.File("fat.img");
        ForeignTool.Run("mkfs.fat", "-C", "-F", bits, "-s", "1", "-S", sectorBytes, image, $"{mebibytes * 1024}");
        var (one, two) = (File(4000, 1).Content.ReadAll(), File(9000, 2).Content.ReadAll());
        foreach (var name in new[] { "one", "gap", "two", "Grün long name.txt" })
            ForeignTool.Run("mcopy", "-i", image, scratch.Write("source", one), $"::{name}");
        ForeignTool.Run("mdel", "-i", image, "::gap", "::Grün long name.txt");
        if (bits == "32") ForgetNextFree(image);
        ForeignTool.Run("mcopy", "-i", image, scratch.Write("source", two), "::fragmented file");
        ForeignTool.Run("mmd", "-i", image, "::dir");
        ForeignTool.Run("mcopy", "-i", image, scratch.Write("source", one), "::dir/ONE.TXT");

        using var stream = System.IO.File.OpenRead(image);
        var reader = new FatReader(stream);
        var fragmented = reader.Find("FRAGMENTED FILE")!;

        Assert.Equal(["dir", "fragmented file", "one", "two"], reader.List("").Select(entry => entry.Path).Order());
        Assert.True(reader.Extents(fragmented).Count > 1, "the file is in one piece, which tests nothing");
        Assert.Equal(two, reader.ReadAll(fragmented, 10_000));
        Assert.Equal(one, reader.ReadAll(reader.Find("dir/one.txt")!, 10_000));
        var middle = new byte[5000];
        reader.Read(fragmented, 3500, middle);
        Assert.Equal(two[3500..8500], middle);
        Assert.Throws<EndOfStreamException>(() => reader.Read(fragmented, 4001, new byte[5000]));
        Assert.Throws<InvalidDataException>(() => reader.ReadAll(fragmented, 8999));
    }

    /// <summary>So that the next file fills the first gap.</summary>
    private static void ForgetNextFree(string image)
    {
        using var stream = System.IO.File.OpenWrite(image);
        stream.Position = 512 + 492;
        stream.Write([0xff, 0xff, 0xff, 0xff]);
    }

    [Fact]
    public void Chains_that_loop_end_early_or_go_on_are_refused()
    {
        var tree = Tree(("file", File(10 * 1024)));
        foreach (var (cluster, next, reason) in new[]
        {
            (4, 3, "more than the"), (4, 0xffff, "too few clusters"), (11, 12, "more than the"),
            (4, 0, "cluster 0 is not"), (4, 0xfff7, "is not on the FAT volume"), (4, 1, "cluster 1 is not"),
        })
        {
            var volume = Written(tree, Options with { Type = FatType.Fat16 }).ToArray();
            var reserved = BinaryPrimitives.ReadUInt16LittleEndian(volume.AsSpan(14)) * 512;
            BinaryPrimitives.WriteUInt16LittleEndian(volume.AsSpan(reserved + 2 * cluster), (ushort)next);
            for (var more = 12; more < 100 && reason == "more than the"; more++)
                BinaryPrimitives.WriteUInt16LittleEndian(volume.AsSpan(reserved + 2 * more), (ushort)(more + 1));
            var reader = new FatReader(new MemoryStream(volume));

            var error = Assert.Throws<InvalidDataException>(() => reader.ReadAll(reader.Find("file")!, 1 << 20));

            Assert.Contains(reason, error.Message);
        }
    }

    [Fact]
    public void Damage_ends_in_files_or_an_error()
    {
        var small = Tree(("vmlinuz", File(3000)), ("a long name.txt", File(600)), ("dir/file", File(1)));
        foreach (var options in new[] { Options with { SizeBytes = 3 << 20 }, Options with { SizeBytes = 36 << 20, Type = FatType.Fat32 } })
        {
            var valid = Written(small, options).ToArray();
            var reader = new FatReader(new MemoryStream(valid));
            var rootAt = valid.AsSpan().IndexOf("FIRN-BOOT  \x08"u8);
            var tableAt = 512 * BinaryPrimitives.ReadUInt16LittleEndian(valid.AsSpan(14));
            // One array for all: what is damaged is put right again.
            var places = Enumerable.Range(0, 90).Concat(Enumerable.Range(tableAt, 64)).Concat(Enumerable.Range(rootAt, 256)).ToArray();
            Damage.Check(places.Select(place => valid[place]).ToArray(), places.Length, (damaged, _) =>
            {
                var original = places.Select(place => valid[place]).ToArray();
                for (var index = 0; index < places.Length; index++) valid[places[index]] = damaged[index];
                try { ReadEverything(new MemoryStream(valid)); }
                catch (InvalidDataException) { }
                for (var index = 0; index < places.Length; index++) valid[places[index]] = original[index];
            });
            AssertHolds(small, reader);
        }
    }

    private static void ReadEverything(Stream volume)
    {
        var reader = new FatReader(volume);
        foreach (var entry in reader.List(""))
        {
            if (entry.IsDirectory) Assert.NotNull(reader.List(entry.Path).ToList());
            else reader.ReadAll(entry, 1 << 26);
        }
    }
}
