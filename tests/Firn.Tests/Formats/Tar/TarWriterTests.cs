using Firn.Formats.Tar;
using Firn.Formats.Trees;

namespace Firn.Tests.Formats.Tar;

public sealed class TarWriterTests
{
    [Fact]
    public void GNU_tar_reads_what_was_written()
    {
        using var scratch = new ScratchDirectory();
        scratch.Write("t.tar", Write(Tree()));

        var listing = Shell.Run("tar --list --verbose --numeric-owner --full-time --utc --file=t.tar | tr -s ' '", scratch.Path);

        var longName = $"{new string('d', 90)}/{new string('n', 200)}";
        Assert.Equal(
            $"""
            drwxr-xr-x 0/0 0 1970-01-01 00:00:00 ./
            crw-r--r-- 0/0 1,3 1970-01-01 00:00:00 ./null
            drwxr-xr-x 0/0 0 1970-01-01 00:00:00 ./{new string('d', 90)}/
            -rw-r--r-- 0/0 3 1970-01-01 00:00:00 ./{longName}
            hrw-r--r-- 0/0 0 1970-01-01 00:00:00 ./hard link to ./{longName}
            -rwsr-xr-x 3000000/4294967293 600 1960-01-01 00:00:00 ./owned
            prw-r--r-- 0/0 0 1970-01-01 00:00:00 ./pipe
            lrwxrwxrwx 0/0 0 1970-01-01 00:00:00 ./soft -> {new string('t', 150)}

            """.Split('\n').Order(), listing.Split('\n').Order());
    }

    [Fact]
    public void What_is_written_reads_back_the_same()
    {
        var tree = Tree();
        var archive = Write(tree);

        var again = TarBytes.Read(archive);

        Assert.Equal(archive, Write(again));
        Assert.Equal([0, 255, 10], Assert.Single(again.Find("owned")!.Attributes).Value);
        Assert.Same(again.Find("hard"), again.Find($"{new string('d', 90)}/{new string('n', 200)}"));
    }

    [Fact]
    public void What_is_not_wanted_stays_out_with_all_below()
    {
        using var archive = new MemoryStream();
        TarWriter.Write(Tree(), archive, node => !node.IsDirectory && node.Kind != FileKind.CharacterDevice);

        var again = TarBytes.Read(archive.ToArray());

        Assert.Equal(["hard", "owned", "pipe", "soft"], again.Walk().Select(named => named.Path));
    }

    private static FileTree Tree()
    {
        var tree = new FileTree();
        var file = tree.Put($"{new string('d', 90)}/{new string('n', 200)}", new(FileKind.File) { Content = FileContent.Of("abc") });
        tree.Put("hard", file);
        tree.Put("soft", new(FileKind.Symlink) { LinkTarget = new string('t', 150) });
        tree.Put("null", new(FileKind.CharacterDevice) { Device = new(1, 3) });
        tree.Put("pipe", new(FileKind.Fifo));
        tree.Put("socket", new(FileKind.Socket));
        tree.Put("owned", new(FileKind.File)
        {
            Content = FileContent.Of(new byte[600]),
            Mode = 0x9ed,
            Uid = 3000000,
            Gid = 4294967293,
            ModifiedSeconds = -315619200,
            Attributes = [new("user.binary", [0, 255, 10])],
        });
        return tree;
    }

    private static byte[] Write(FileTree tree)
    {
        using var archive = new MemoryStream();
        TarWriter.Write(tree, archive);
        return archive.ToArray();
    }
}
