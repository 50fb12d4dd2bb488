using Firn.Formats.Trees;
using FsCheck;
using FsCheck.Fluent;

namespace Firn.Tests.Formats.Tar;

/// <summary>Valid archives with changed bytes: the reader gives a tree whose contents can be read, or says what is wrong.</summary>
public sealed class TarDamageTests
{
    private static readonly byte[] Valid = new TarBuilder()
        .Pax('g', "uid=7")
        .Directory("etc").File("etc/motd", "hello").Symlink("lib", "etc").HardLink("lib/again", "etc/motd")
        .Pax('x', "path=long", "SCHILY.xattr.user.a=\0b", "mtime=12.5").File("file", new string('x', 600))
        .Pax('x', "GNU.sparse.size=2000", "GNU.sparse.map=2,2,600,3").File("sparse", "abcde")
        .Pax('x', "GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=900").File("sparse1", "1\n800\n5\n" + new string('\0', 504) + "12345")
        .Member('L', "long", new string('n', 120)).File("x", "y")
        .Device("null", '3', 1, 3)
        .Build();

    [Fact]
    public void A_damaged_archive_is_a_tree_or_an_error()
    {
        var changes = Gen.ArrayOf(Gen.Zip(Gen.Choose(0, Valid.Length - 1), Gen.Choose(0, 255))).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(1, 1), Prop.ForAll(changes, edits => Holds(Valid, edits)));
    }

    [Fact]
    public void A_damaged_header_with_a_right_checksum_is_a_tree_or_an_error()
    {
        var changes = Gen.ArrayOf(Gen.Zip(Gen.Choose(0, Valid.Length - 1), Gen.Elements(0, '0', '1', '7', '9', ' ', '/', '.', '=', '\n', 128, 255))).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(2, 1), Prop.ForAll(changes, edits => Holds(Valid, edits, mend: true)));
    }

    [Fact]
    public void An_archive_cut_anywhere_before_its_end_is_an_error()
    {
        for (var length = 0; length < Valid.Length - 1024; length += 7)
            Assert.Throws<InvalidDataException>(() => TarBytes.Read(Valid[..length]));
    }

    private static bool Holds(byte[] valid, (int At, int Value)[] edits, bool mend = false)
    {
        var archive = valid.ToArray();
        foreach (var (at, value) in edits) archive[at] = (byte)value;
        if (mend) MendChecksums(archive);
        try
        {
            foreach (var (_, node) in TarBytes.Read(archive).Walk())
                if (node.Kind == FileKind.File) ReadSome(node.Content);
            return true;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }

    private static void ReadSome(FileContent content)
    {
        var bytes = new byte[Math.Min(content.SizeBytes, 4096)];
        content.Read(0, bytes);
        content.Read(content.SizeBytes - bytes.Length, bytes);
        Assert.InRange(content.NextData(content.SizeBytes / 2), content.SizeBytes / 2, content.SizeBytes);
    }

    private static void MendChecksums(byte[] archive)
    {
        for (var at = 0; at + 512 <= archive.Length; at += 512)
        {
            var header = archive.AsSpan(at, 512);
            if (!header.Slice(257, 5).SequenceEqual("ustar"u8)) continue;
            header.Slice(148, 8).Fill((byte)' ');
            var sum = 0;
            foreach (var octet in header) sum += octet;
            System.Text.Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[148..]);
        }
    }
}
