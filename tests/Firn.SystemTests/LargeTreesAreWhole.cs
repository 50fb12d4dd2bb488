using System.Globalization;
using Firn.Cli;
using Firn.Formats.SquashFs;
using Firn.Formats.Trees;
using Firn.Linux.Compression;

namespace Firn.SystemTests;

/// <summary>
/// Trees larger than any root filesystem, as <c>unsquashfs</c> and the kernel see them. FIRN_LARGE_TREES=1 takes the sizes
/// that a build server has no time for: a million inodes instead of 150,000.
/// </summary>
public sealed class LargeTreesAreWhole : IDisposable
{
    private static readonly bool IsLarge = Environment.GetEnvironmentVariable("FIRN_LARGE_TREES") == "1";
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Many_inodes_in_many_directories_and_one()
    {
        var tree = new FileTree();
        var count = IsLarge ? 1_000_000 : 150_000;
        for (var i = 0; i < 100_000; i++) Add(tree.Directory("one"), i);
        for (var i = 100_000; i < count; i++) Add(tree.Directory($"many/{i / 1000}"), i);
        var image = Write(tree);

        using var mount = new Mount(image, _directory["mount"]);
        Assert.Equal(count, int.Parse(HostTool.Run("sh", "-c", $"find '{_directory["mount"]}' -type f -size -2 | wc -l"), CultureInfo.InvariantCulture));
        Assert.Equal("99999", File.ReadAllText(_directory["mount/one/file-99999"]));
        Assert.Equal($"{count - 1}", File.ReadAllText(_directory[$"mount/many/{(count - 1) / 1000}/file-{count - 1}"]));
        var expected = tree.Walk().Select(entry => $"squashfs-root/{entry.Path}").Order(StringComparer.Ordinal);
        Assert.Equal(expected, HostTool.Run("unsquashfs", "-ls", image).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.StartsWith("squashfs-root/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

        static void Add(FileNode directory, int i) =>
            directory.Children[$"file-{i}"] = new(FileKind.File) { Content = FileContent.Of($"{i}"), Mode = (uint)i & 0x1ff, Uid = (uint)i % 50 };
    }

    [Fact]
    public void A_path_of_300_directories_and_one_longer_than_PATH_MAX()
    {
        var tree = new FileTree();
        tree.Put(string.Concat(Enumerable.Repeat("d/", 300)) + "end", new(FileKind.File) { Content = FileContent.Of("deep") });
        var directory = tree.Directory("long");
        for (var i = 0; i < 40; i++) directory.Children[new string('x', 200)] = directory = new(FileKind.Directory);
        directory.Children["end"] = new(FileKind.File) { Content = FileContent.Of("far") };
        var image = Write(tree);

        using (new Mount(image, _directory["mount"]))
            Assert.Equal("deep", File.ReadAllText(_directory["mount/" + string.Concat(Enumerable.Repeat("d/", 300)) + "end"]));
        Assert.Equal(0, CommandTree.Run(["image", "unsquash", image, "-d", _directory["out"]]));
        Assert.Equal("far", HostTool.Run("sh", "-c", $"cd '{_directory["out"]}/long' && for i in $(seq 40); do cd -P x*; done && cat end"));
        HostTool.Run("rm", "-rf", _directory["out"]);    // .NET cannot name it
    }

    [Fact]
    public void A_file_of_more_than_4_GiB_that_is_no_hole()
    {
        var tree = new FileTree();
        tree.Put("large", new(FileKind.File) { Content = new Repeated(IsLarge ? 9L << 30 : 4400L << 20) });
        var image = Write(tree);

        using var mount = new Mount(image, _directory["mount"]);
        using var file = File.OpenRead(_directory["mount/large"]);
        var (block, expected) = (new byte[1 << 20], new byte[1 << 20]);
        Assert.Equal(tree.Find("large")!.Content.SizeBytes, file.Length);
        foreach (var offset in new[] { 0, (4L << 30) - block.Length, 4L << 30, file.Length - block.Length })
        {
            file.Position = offset;
            file.ReadExactly(block);
            tree.Find("large")!.Content.Read(offset, expected);
            Assert.Equal(expected, block);
        }
    }

    private string Write(FileTree tree)
    {
        using var stream = File.Create(_directory["image"]);
        SquashFsWriter.Write(tree, stream, new() { Level = 1 }, () => new ZstdCompressor(1).Compress);
        return _directory["image"];
    }

    /// <summary>Every block tells where it is.</summary>
    private sealed class Repeated(long size) : FileContent
    {
        public override long SizeBytes => size;

        public override void Read(long offset, Span<byte> destination)
        {
            destination.Fill(7);
            for (var at = (4096 - offset % 4096) % 4096; at <= destination.Length - 8; at += 4096)
                BitConverter.TryWriteBytes(destination[(int)at..], (offset + at) / 4096);
        }
    }

    private sealed class Mount : IDisposable
    {
        private readonly string _at;

        public Mount(string image, string at)
        {
            HostTool.RequireRoot();
            _at = Directory.CreateDirectory(at).FullName;
            HostTool.Run("mount", "-t", "squashfs", "-o", "loop,ro", image, at);
        }

        public void Dispose() => HostTool.Run("umount", _at);
    }
}
