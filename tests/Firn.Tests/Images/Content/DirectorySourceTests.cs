using Firn.Formats.Trees;
using Firn.Images.Content;
using Firn.Tests.Formats;
using Firn.Tests.Formats.Tar;

namespace Firn.Tests.Images.Content;

public sealed class DirectorySourceTests
{
    [Fact]
    public void A_directory_is_what_GNU_tar_makes_of_it()
    {
        using var scratch = new ScratchDirectory();
        Shell.Run(
            """
            mkdir -p tree/etc tree/empty
            printf hello > tree/etc/motd
            ln tree/etc/motd tree/hard
            ln -s ../somewhere tree/etc/soft
            ln tree/etc/soft tree/hard-soft
            mkfifo tree/pipe
            : > tree/nothing
            printf x > "tree/$(printf 'not-\377-utf8')"
            truncate -s 3M tree/sparse
            printf abc | dd of=tree/sparse bs=1 seek=1048576 conv=notrunc status=none
            setfattr -n user.binary -v 0x00ff0a tree/etc/motd
            setfattr -n user.dir -v 0x01 tree/etc
            chmod 2755 tree/empty
            chmod 4711 tree/nothing
            touch -d '1999-12-31 23:59:58' tree/nothing
            tar --create --file=t.tar --format=pax --xattrs --xattrs-include='*' -C tree .
            """, scratch.Path);

        var tree = DirectorySource.Load(scratch.File("tree"));

        Assert.Equal(TreeListing.Of(TarBytes.Read(File.ReadAllBytes(scratch.File("t.tar")))), TreeListing.Of(tree));
    }

    [Fact]
    public void Devices_are_read_with_their_numbers()
    {
        var node = DirectorySource.LoadFile("/dev/null");

        Assert.Equal((FileKind.CharacterDevice, new DeviceNumber(1, 3)), (node.Kind, node.Device));
    }

    [Fact]
    public void Holes_stay_holes()
    {
        using var scratch = new ScratchDirectory();
        Shell.Run("truncate -s 3M sparse; printf abc | dd of=sparse bs=1 seek=1048576 conv=notrunc status=none", scratch.Path);

        var content = DirectorySource.Load(scratch.Path).Find("sparse")!.Content;

        Assert.Equal(1 << 20, content.NextData(0));
        Assert.Equal(3 << 20, content.NextData(2 << 20));
        Assert.Equal(3 << 20, content.NextData(3 << 20));
    }

    [Fact]
    public void A_file_that_shrinks_while_it_is_read_is_an_error_and_not_zeros()
    {
        using var scratch = new ScratchDirectory();
        scratch.Write("file", "content"u8);
        var content = DirectorySource.Load(scratch.Path).Find("file")!.Content;

        scratch.Write("file", "c"u8);

        Assert.Throws<EndOfStreamException>(() => content.ReadAll());
    }

    [Fact]
    public void A_link_to_the_directory_is_followed_and_no_other()
    {
        using var scratch = new ScratchDirectory();
        Shell.Run("mkdir tree; printf x > tree/file; ln -s file tree/link; ln -s tree way", scratch.Path);

        var tree = DirectorySource.Load(scratch.File("way"));

        Assert.Equal(FileKind.Symlink, tree.Find("link")!.Kind);
        Assert.Equal(FileKind.File, DirectorySource.LoadFile(scratch.File("tree/link")).Kind);
    }
}
