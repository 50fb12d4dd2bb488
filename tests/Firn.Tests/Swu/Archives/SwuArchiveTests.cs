using Firn.Linux.Block;
using Firn.Swu.Archives;
using Firn.Tests.Formats;

namespace Firn.Tests.Swu.Archives;

public sealed class SwuArchiveTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static SwuArchive Read(byte[] bytes) => new(new Memory(bytes));

    private static byte[] ReadAll(SwuArchive archive, string name)
    {
        using var stream = archive.Open(archive.Find(name)!);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    [Theory]
    [InlineData("crc")]
    [InlineData("newc")]
    public void Archives_of_cpio_are_read(string format)
    {
        var file = new ForeignSwu(_scratch).With("one", "1").With("two", new byte[100_001]).Make("software = {};", "pss", format: format);

        var archive = Read(File.ReadAllBytes(file));

        Assert.Equal("software = {};"u8, archive.Description);
        Assert.Equal(256, archive.Signature!.Length);
        Assert.Equal("1"u8, ReadAll(archive, "one"));
        Assert.Equal(new byte[100_001], ReadAll(archive, "two"));
        Assert.Null(archive.Find("three"));
    }

    [Fact]
    public void Another_order_another_format_and_names_with_directories_are_refused()
    {
        _scratch.Write("sw-description", "x"u8);
        _scratch.Write("a", "x"u8);
        Directory.CreateDirectory(_scratch.File("d"));
        _scratch.Write("d/a", "x"u8);
        foreach (var (names, format, problem) in new[]
        {
            ("a sw-description", "crc", "not the first"), ("sw-description a a", "crc", "twice"), ("sw-description d/a", "crc", "not a plain one"),
            ("sw-description d", "crc", "not a file"), ("sw-description a", "odc", "expected 070701 or 070702"),
        })
        {
            ForeignTool.RunIn(_scratch.Path, "sh", "-c", $"printf '%s\\n' {names} | cpio -o -H {format} --quiet > x.swu");
            Assert.Contains(problem, Assert.Throws<InvalidDataException>(() => Read(File.ReadAllBytes(_scratch.File("x.swu")))).Message);
        }
    }

    [Fact]
    public void A_signature_that_comes_later_is_none()
    {
        _scratch.Write("sw-description", "x"u8);
        _scratch.Write("sw-description.sig", "x"u8);
        _scratch.Write("a", "x"u8);
        ForeignTool.RunIn(_scratch.Path, "sh", "-c", "printf '%s\\n' sw-description a sw-description.sig | cpio -o -H crc --quiet > x.swu");

        Assert.Null(Read(File.ReadAllBytes(_scratch.File("x.swu"))).Signature);
    }

    [Fact]
    public void Damage_and_truncation_are_found_or_harmless()
    {
        var bytes = File.ReadAllBytes(new ForeignSwu(_scratch).With("one", "1").With("two", new byte[333]).Make("software = {};", "pss"));

        Damage.IsSurvived(bytes, damaged => ReadEach(Read(damaged)));
        Damage.TruncationIsSurvived(bytes, damaged => ReadEach(Read(damaged)));
        Assert.Throws<InvalidDataException>(() => Read(bytes[..400]));

        static void ReadEach(SwuArchive archive)
        {
            foreach (var name in new[] { "one", "two" })
                if (archive.Find(name) is not null) ReadAll(archive, name);
        }
    }

    private sealed class Memory(byte[] bytes) : IBlockDevice
    {
        public string Name => "test.swu";
        public long SizeBytes => bytes.Length;
        public void Read(long offset, Span<byte> destination) => bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
        public void Write(long offset, ReadOnlySpan<byte> source) => throw new NotSupportedException();
        public void Flush() { }
        public void DropCache() { }
        public void Dispose() { }
    }
}
