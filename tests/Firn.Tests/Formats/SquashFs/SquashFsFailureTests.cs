using Firn.Formats.SquashFs;
using Firn.Formats.Trees;
using Firn.Linux.Compression;

namespace Firn.Tests.Formats.SquashFs;

/// <summary>Alone, because memory is counted for the whole process.</summary>
[CollectionDefinition(nameof(SquashFsFailureTests), DisableParallelization = true)]
[Collection(nameof(SquashFsFailureTests))]
public sealed class SquashFsFailureTests
{
    private static readonly Exception Original = new IOException("the disk is on fire");

    [Theory]
    [InlineData(100), InlineData(100_000)]
    public void A_file_that_cannot_be_read_stops_all(int size)
    {
        var tree = ManyFiles();
        tree.Put("dir5/bad", new(FileKind.File) { Content = new BadContent(size) });

        Assert.Same(Original, Assert.Throws<IOException>(() => Images.Write(tree)));
    }

    [Fact]
    public void A_file_that_cannot_be_read_while_looking_for_duplicates_stops_all()
    {
        var tree = ManyFiles();
        tree.Put("a", new(FileKind.File) { Content = new BadContent(100_000) });
        tree.Put("b", new(FileKind.File) { Content = new BadContent(100_000) });

        Assert.Same(Original, Assert.Throws<IOException>(() => Images.Write(tree)));
    }

    [Fact]
    public void A_compressor_that_fails_stops_all()
    {
        var calls = 0;

        Assert.Same(Original, Assert.Throws<IOException>(() => Images.Write(ManyFiles(), newCompressor: () =>
            (_, _) => Interlocked.Increment(ref calls) > 30 ? throw Original : 0)));
        Assert.InRange(calls, 31, 60);    // of hundreds: what was not begun is forgotten
    }

    [Fact]
    public void A_compressor_that_cannot_be_made_stops_all() =>
        Assert.Same(Original, Assert.Throws<IOException>(() => Images.Write(ManyFiles(), newCompressor: () => throw Original)));

    [Fact]
    public void A_disk_that_is_full_stops_all()
    {
        using var full = new FullStream(100_000);

        Assert.Same(Original, Assert.Throws<IOException>(() =>
            SquashFsWriter.Write(ManyFiles(), full, Images.Options, () => new ZstdCompressor(Images.Level).Compress)));
    }

    [Fact]
    public void Whoever_watches_can_stop_all()
    {
        Assert.Same(Original, Assert.Throws<IOException>(() => SquashFsWriter.Write(
            ManyFiles(), new MemoryStream(), Images.Options, () => new ZstdCompressor(Images.Level).Compress, new BadProgress())));
    }

    [Fact]
    public void Memory_does_not_grow_with_the_content()
    {
        var tree = new FileTree();
        tree.Put("large", new(FileKind.File) { Content = new CountingContent(128 << 20) });
        for (var i = 0; i < 2000; i++) tree.Put($"small{i}", new(FileKind.File) { Content = new CountingContent(10_000 + i) });
        BlockCompressor toNothing = (plain, compressed) => 1;
        var before = GC.GetTotalAllocatedBytes(precise: true);

        SquashFsWriter.Write(tree, Stream.Synchronized(new MemoryStream()), new() { Threads = 2 }, () => toNothing);

        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 32 << 20);
    }

    private static FileTree ManyFiles()
    {
        var tree = new FileTree();
        for (var i = 0; i < 300; i++) tree.Put($"dir{i % 10}/{i}", Images.File(Images.Noise(2000 + 10 * i, seed: i)));
        return tree;
    }

    private sealed class BadContent(long size) : FileContent
    {
        public override long SizeBytes => size;
        public override void Read(long offset, Span<byte> destination) => throw Original;
    }

    /// <summary>Every block of it is different.</summary>
    private sealed class CountingContent(long size) : FileContent
    {
        public override long SizeBytes => size;
        public override void Read(long offset, Span<byte> destination)
        {
            destination.Fill(1);
            BitConverter.TryWriteBytes(destination, size + offset);
        }
    }

    private sealed class FullStream(long room) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Position + buffer.Length > room) throw Original;
            base.Write(buffer);
        }
    }

    private sealed class BadProgress : IProgress<SquashFsProgress>
    {
        public void Report(SquashFsProgress value) => throw Original;
    }
}
