using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Firn.Formats.Trees;

namespace Firn.Tests.Formats.Tar;

/// <summary>GNU tar, find and getfattr judge what the reader makes of archives of every format.</summary>
public sealed class GnuTarTests
{
    private const string MakeTree = """
        mkdir -p tree/etc tree/usr/bin "tree/with space" tree/empty
        printf 'hello\n' > tree/etc/motd
        : > tree/etc/nothing
        ln tree/etc/motd tree/usr/bin/hard
        ln -s ../../etc/motd tree/usr/bin/soft
        chmod 4755 tree/usr/bin/hard
        chmod 1777 tree/empty
        touch -d '1999-12-31 23:59:58' tree/etc/nothing
        """;

    private const string AddWhatOnlyNewerFormatsHold = """
        mkfifo tree/etc/pipe
        long=$(printf 'n%.0s' $(seq 200))
        mkdir -p tree/$long/$long
        printf x > tree/$long/$long/$long
        ln -s /$long/$long/$long/$long tree/long-link
        printf y > "tree/$(printf 'not-\377-utf8')"
        truncate -s 3M tree/sparse
        printf abc | dd of=tree/sparse bs=1 seek=1048576 conv=notrunc status=none
        printf def | dd of=tree/sparse bs=1 seek=2500000 conv=notrunc status=none
        truncate -s 1M tree/hole
        i=0; while [ $i -lt 60 ]; do printf data | dd of=tree/ragged bs=1 seek=$((i*16384)) conv=notrunc status=none; i=$((i+1)); done
        touch -d '2105-01-01 00:00:00.75' tree/sparse
        """;

    [Theory]
    [InlineData("--format=v7", "")]
    [InlineData("--format=oldgnu", AddWhatOnlyNewerFormatsHold)]
    [InlineData("--format=oldgnu --sparse", AddWhatOnlyNewerFormatsHold)]
    [InlineData("--format=gnu", AddWhatOnlyNewerFormatsHold)]
    [InlineData("--format=gnu --sparse", AddWhatOnlyNewerFormatsHold)]
    [InlineData("--format=ustar", "")]
    [InlineData("--format=pax", AddWhatOnlyNewerFormatsHold)]
    [InlineData("--format=pax --sparse --sparse-version=0.0", AddWhatOnlyNewerFormatsHold)]
    [InlineData("--format=pax --sparse --sparse-version=0.1", AddWhatOnlyNewerFormatsHold)]
    [InlineData("--format=pax --sparse --sparse-version=1.0", AddWhatOnlyNewerFormatsHold)]
    public void A_tree_is_read_as_it_was_archived(string options, string more)
    {
        using var scratch = new ScratchDirectory();
        Shell.Run($"{MakeTree}\n{more}\ntar -C tree --create --file=t.tar {options} .", scratch.Path);
        var expected = Shell.Run(@"cd tree; find . -printf '%y %m %U %G %T@ %p %l\n' | sed -E 's/^(([^ ]+ ){4}[0-9]+)\.[0-9]+/\1/' | sort", scratch.Path);

        var tree = TarBytes.Read(File.ReadAllBytes(scratch.File("t.tar")));

        Assert.Equal(expected, List(tree));
        Assert.Equal(
            Shell.Run(@"cd tree; find . -type f -print0 | sort -z | xargs -0 sha256sum | cut -c1-64", scratch.Path),
            Hashes(tree));
        Assert.Same(tree.Find("etc/motd"), tree.Find("usr/bin/hard"));
    }

    [Theory]
    [InlineData("oldgnu")]
    [InlineData("gnu")]
    [InlineData("pax")]
    public void Holes_of_a_sparse_file_stay_holes(string format)
    {
        using var scratch = new ScratchDirectory();
        Shell.Run($"truncate -s 3M sparse; printf abc | dd of=sparse bs=1 seek=1048576 conv=notrunc status=none; tar -cSf t.tar --format={format} sparse", scratch.Path);

        var content = TarBytes.Read(File.ReadAllBytes(scratch.File("t.tar"))).Find("sparse")!.Content;

        Assert.Equal(3 << 20, content.SizeBytes);
        Assert.Equal(1 << 20, content.NextData(0));
        Assert.Equal(3 << 20, content.NextData(2 << 20));
        var bytes = new byte[5];
        content.Read((1 << 20) - 1, bytes);
        Assert.Equal("\0abc\0"u8, bytes);
    }

    [Fact]
    public void Extended_attributes_are_bytes()
    {
        using var scratch = new ScratchDirectory();
        Shell.Run(
            """
            printf x > file
            setfattr -n user.binary -v 0x00ff0a3d800a00 file
            setfattr -n user.empty file
            setfattr -n user.text -v 'key=value' file
            tar --create --file=t.tar --xattrs --xattrs-include='*' file
            """, scratch.Path);

        var attributes = TarBytes.Read(File.ReadAllBytes(scratch.File("t.tar"))).Find("file")!.Attributes;

        Assert.Equal(["user.binary", "user.empty", "user.text"], attributes.Select(attribute => attribute.Name.ToString()));
        Assert.Equal([0x00, 0xff, 0x0a, 0x3d, 0x80, 0x0a, 0x00], attributes[0].Value);
        Assert.Empty(attributes[1].Value);
        Assert.Equal("key=value"u8, attributes[2].Value.AsSpan());
    }

    [Fact]
    public void Numbers_too_large_for_octal_are_read_in_base_256()
    {
        using var scratch = new ScratchDirectory();
        Shell.Run("printf x > file; tar -cf t.tar --format=gnu --owner=:3000000 --group=:4294967294 --mtime=@-1000 file", scratch.Path);

        var node = TarBytes.Read(File.ReadAllBytes(scratch.File("t.tar"))).Find("file")!;

        Assert.Equal((3000000u, 4294967294u, -1000L), (node.Uid, node.Gid, node.ModifiedSeconds));
    }

    [Fact]
    public void The_later_of_two_members_wins()
    {
        using var scratch = new ScratchDirectory();
        Shell.Run("printf old > file; tar -cf t.tar file; printf newer > file; tar -rf t.tar file", scratch.Path);

        var content = TarBytes.Read(File.ReadAllBytes(scratch.File("t.tar"))).Find("file")!.Content;

        Assert.Equal("newer"u8, content.ReadAll());
    }

    private static string List(FileTree tree)
    {
        var lines = Walk("."u8.ToArray(), tree.Root).Select(named => Line(named.Path, named.Node));
        return string.Concat(lines.Select(line => line + "\n").Order(StringComparer.Ordinal));
    }

    private static string Line(byte[] path, FileNode node) => string.Create(CultureInfo.InvariantCulture,
        $"{Letter(node.Kind)} {Convert.ToString(node.Mode, 8)} {node.Uid} {node.Gid} {node.ModifiedSeconds} {Encoding.Latin1.GetString(path)} {Encoding.Latin1.GetString(node.LinkTarget.Span)}");

    private static char Letter(FileKind kind) => kind switch
    {
        FileKind.File => 'f',
        FileKind.Directory => 'd',
        FileKind.Symlink => 'l',
        FileKind.Fifo => 'p',
        _ => '?',
    };

    private static string Hashes(FileTree tree) => string.Concat(Walk("."u8.ToArray(), tree.Root)
        .Where(named => named.Node.Kind == FileKind.File)
        .OrderBy(named => Encoding.Latin1.GetString(named.Path), StringComparer.Ordinal)
        .Select(named => Convert.ToHexStringLower(SHA256.HashData(named.Node.Content.ReadAll())) + "\n"));

    private static IEnumerable<(byte[] Path, FileNode Node)> Walk(byte[] path, FileNode node)
    {
        yield return (path, node);
        foreach (var (name, child) in node.Children)
            foreach (var below in Walk([.. path, (byte)'/', .. name.Span], child)) yield return below;
    }
}
