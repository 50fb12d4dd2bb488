using System.Text;
using Firn.Formats.Cpio;
using Firn.Formats.Trees;

namespace Firn.Tests.Formats.Cpio;

public sealed class CpioTests
{
    private static FileNode Text(string text) => new(FileKind.File) { Content = FileContent.Of(text) };

    private static FileTree Initramfs()
    {
        var tree = new FileTree();
        tree.Root.Mode = Convert.ToUInt32("711", 8);
        tree.Put("init", new(FileKind.File) { Mode = Convert.ToUInt32("755", 8), Content = FileContent.Of("#!/bin/sh\n") });
        tree.Put("bin/busybox", new(FileKind.File)
        {
            Mode = Convert.ToUInt32("4755", 8),
            Uid = 7,
            Gid = 8,
            ModifiedSeconds = 1_700_000_000,
            Content = FileContent.Of(Enumerable.Range(0, 300_001).Select(number => (byte)number).ToArray()),
        });
        tree.Put("bin/sh", new(FileKind.Symlink) { LinkTarget = "busybox" });
        tree.Put("etc/one", Text("shared"));
        tree.Put("etc/three", tree.Put("etc/two", tree.Find("etc/one")!));
        tree.Put("etc/empty", Text(""));
        tree.Put("etc/empty2", tree.Find("etc/empty")!);
        tree.Put("dev/console", new(FileKind.CharacterDevice) { Mode = Convert.ToUInt32("600", 8), Device = new(5, 1) });
        tree.Put("dev/vda", new(FileKind.BlockDevice) { Device = new(253, 300) });
        tree.Put("run/fifo", new(FileKind.Fifo));
        tree.Put("tmp", new(FileKind.Directory) { Mode = Convert.ToUInt32("1777", 8) });
        return tree;
    }

    private static byte[] Written(FileTree tree)
    {
        var output = new MemoryStream();
        CpioWriter.Write(tree, output);
        return output.ToArray();
    }

    private static FileTree Read(byte[] archive) => CpioReader.Read(new MemoryStream(archive));

    private static string[] Describe(FileTree tree) =>
    [
        .. tree.Walk().Prepend((".", tree.Root)).Select(entry =>
            $"{entry.Item1} {entry.Item2.Kind} {Convert.ToString(entry.Item2.Mode, 8)} {entry.Item2.Uid}:{entry.Item2.Gid} "
            + $"{entry.Item2.ModifiedSeconds} {entry.Item2.Device} {entry.Item2.LinkTarget} "
            + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(entry.Item2.Content.ReadAll()))),
    ];

    [Fact]
    public void An_entry_is_a_header_of_hexadecimal_digits_a_name_and_content()
    {
        var tree = new FileTree();
        tree.Put("a", new(FileKind.File) { Uid = 0x1a, ModifiedSeconds = 16, Content = FileContent.Of("hello") });

        var archive = Encoding.ASCII.GetString(Written(tree));

        Assert.Equal(512, archive.Length);
        Assert.Equal(
            "070701" + "00000001" + "000041ED" + "00000000" + "00000000" + "00000002" + "00000000" + "00000000" + "00000000"
            + "00000000" + "00000000" + "00000000" + "00000002" + "00000000" + ".\0"
            + "070701" + "00000002" + "000081A4" + "0000001A" + "00000000" + "00000001" + "00000010" + "00000005" + "00000000"
            + "00000000" + "00000000" + "00000000" + "00000002" + "00000000" + "a\0" + "hello\0\0\0"
            + "070701" + "00000000" + "00000000" + "00000000" + "00000000" + "00000001" + "00000000" + "00000000" + "00000000"
            + "00000000" + "00000000" + "00000000" + "0000000B" + "00000000" + "TRAILER!!!\0",
            archive.TrimEnd('\0') + "\0");
    }

    [Fact]
    public void A_tree_reads_back_with_its_hard_links()
    {
        var tree = Initramfs();

        var read = Read(Written(tree));

        Assert.Equal(Describe(tree), Describe(read));
        Assert.Same(read.Find("etc/one"), read.Find("etc/three"));
        Assert.Same(read.Find("etc/empty"), read.Find("etc/empty2"));
        Assert.NotSame(read.Find("etc/one"), read.Find("etc/empty"));
    }

    [Fact]
    public void Names_that_are_not_UTF8_come_back_as_they_were()
    {
        var tree = new FileTree();
        tree.Root.Children[new([0xff, 0xfe])] = Text("x");

        Assert.Equal(new ByteString([0xff, 0xfe]), Assert.Single(Read(Written(tree)).Root.Children).Key);
    }

    [Fact]
    public void GNU_cpio_and_busybox_list_and_unpack_the_same_tree()
    {
        using var scratch = new ScratchDirectory();
        var tree = Initramfs();
        var archive = Written(tree);
        tree.Remove("dev");    // making devices takes root

        var (_, listing, _) = ForeignTool.Start(".", "cpio", archive, "-itv", "--quiet");
        Assert.Contains("crw-------   1 root     root       5,   1 Jan  1  1970 dev/console", listing);
        Assert.Matches(@"-rwsr-xr-x   1 \S+ +\S+ +300001 Nov 14 +2023 bin/busybox", listing);
        Assert.Contains("bin/sh -> busybox", listing);

        foreach (var tool in new[] { "cpio", "busybox" })
        {
            var directory = Directory.CreateDirectory(scratch.File(tool)).FullName;
            string[] unpack = ["-idm", "--quiet", "--no-preserve-owner", "-f", "dev/*"];
            var (exitCode, _, error) = tool == "cpio"
                ? ForeignTool.Start(directory, "cpio", archive, unpack)
                : ForeignTool.Start(directory, "busybox", Written(tree), "cpio", "-idm");
            Assert.True(exitCode == 0, $"{tool}: {error}");
            foreach (var (path, node) in tree.Walk().Where(entry => entry.Node.Kind == FileKind.File))
                Assert.Equal(node.Content.ReadAll(), File.ReadAllBytes(Path.Combine(directory, path)));
            Assert.Equal("busybox", File.ResolveLinkTarget(Path.Combine(directory, "bin/sh"), false)!.Name);
            var inodes = ForeignTool.RunIn(directory, "stat", "-c", "%i %h", "etc/one", "etc/two", "etc/three");
            Assert.Single(inodes.Trim().Split('\n').Distinct());
            Assert.EndsWith(" 3\n", inodes);
        }
    }

    [Fact]
    public void What_GNU_cpio_packs_reads_as_it_was()
    {
        using var scratch = new ScratchDirectory();
        var directory = Directory.CreateDirectory(scratch.File("in")).FullName;
        File.WriteAllText(Path.Combine(directory, "one"), "shared");
        ForeignTool.RunIn(directory, "ln", "one", "two");
        ForeignTool.RunIn(directory, "ln", "-s", "one", "link");
        ForeignTool.RunIn(directory, "mkdir", "-m", "700", "dir");
        ForeignTool.RunIn(directory, "touch", "-d", "@12345", "one");

        var (exitCode, _, error) = ForeignTool.Start(
            directory, "cpio", ".\none\ntwo\nlink\ndir\n"u8, "-o", "-H", "newc", "--quiet", "-O", scratch.File("archive"));
        Assert.True(exitCode == 0, error);
        var tree = Read(File.ReadAllBytes(scratch.File("archive")));

        Assert.Equal(["dir", "link", "one", "two"], tree.Walk().Select(entry => entry.Path));
        Assert.Same(tree.Find("one"), tree.Find("two"));
        Assert.Equal(12345, tree.Find("one")!.ModifiedSeconds);
        Assert.Equal("shared"u8, tree.Find("one")!.Content.ReadAll());
        Assert.Equal("one", tree.Find("link")!.LinkTarget);
        Assert.Equal("700", Convert.ToString(tree.Find("dir")!.Mode, 8));
    }

    [Fact]
    public void What_does_not_fit_the_format_is_refused_with_its_path()
    {
        Refused("TRAILER!!!: that name", "TRAILER!!!", Text(""));
        Refused("old: time -1", "old", new(FileKind.File) { ModifiedSeconds = -1 });
        Refused("new: time 4294967296", "new", new(FileKind.File) { ModifiedSeconds = 1L << 32 });
        Refused("huge: a file cannot", "huge", new(FileKind.File) { Content = new Hollow(1L << 32) });
        Refused("the path is too long", "x" + string.Join('/', Enumerable.Repeat("0123456", 512)), Text(""));
        Refused("the path is too long", string.Join('/', Enumerable.Repeat("d", 50_000)), Text(""));
        Read(Written(Of(string.Join('/', Enumerable.Repeat("0123456", 512)), Text(""))));

        static void Refused(string reason, string path, FileNode node) => Assert.Contains(
            reason, Assert.Throws<InvalidDataException>(() => CpioWriter.Write(Of(path, node), Stream.Null)).Message);
        static FileTree Of(string path, FileNode node)
        {
            var tree = new FileTree();
            tree.Put(path, node);
            return tree;
        }
    }

    private sealed class Hollow(long sizeBytes) : FileContent
    {
        public override long SizeBytes => sizeBytes;
        public override void Read(long offset, Span<byte> destination) => destination.Clear();
    }

    [Theory]
    [InlineData("../etc", "leads upwards")]
    [InlineData("a/../../b", "leads upwards")]
    [InlineData("etc/one/below", "one is not a directory")]
    [InlineData("usr/bin/new", "usr is not a directory that came before")]
    [InlineData("etc", "is a directory and a File")]
    [InlineData(".", "its root is a File")]
    public void Names_that_lead_out_or_through_a_file_are_refused(string name, string reason)
    {
        var archive = new MemoryStream();
        archive.Write(Entry("etc", 0x41ed, []));
        archive.Write(Entry("etc/one", 0x81a4, "text"u8));
        archive.Write(Entry(name, 0x81a4, []));

        var error = Assert.Throws<InvalidDataException>(() => Read(archive.ToArray()));

        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public void A_size_that_is_only_promised_takes_no_memory()
    {
        var archive = Entry("large", 0x81a4, "text"u8);
        "7FFFFFC0"u8.CopyTo(archive.AsSpan(54));
        Read(Written(Initramfs()));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<InvalidDataException>(() => Read(archive));

        Assert.Contains("without a trailer", error.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static byte[] Entry(string name, uint mode, ReadOnlySpan<byte> content)
    {
        var header = new byte[CpioEntry.Size];
        new CpioEntry(1, mode, 0, 0, 1, 0, (uint)content.Length, default, default, (uint)name.Length + 1).WriteTo(header);
        byte[] named = [.. header, .. Encoding.UTF8.GetBytes(name), 0];
        byte[] padded = [.. named, .. new byte[CpioEntry.PaddingAfter(named.Length)], .. content];
        return [.. padded, .. new byte[CpioEntry.PaddingAfter(content.Length)]];
    }

    [Fact]
    public void Damage_and_truncation_end_in_a_tree_or_an_error()
    {
        var tree = Initramfs();
        tree.Remove("bin/busybox");
        var archive = Written(tree);

        Damage.IsSurvived(archive, bytes => Read(bytes));
        Damage.IsSurvived(archive, bytes => Read(bytes), reach: 3 * 112);
        Damage.TruncationIsSurvived(archive, bytes => Read(bytes), step: 5);
    }
}
