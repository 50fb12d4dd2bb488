using Firn.Formats.SquashFs;
using Firn.Images.BlockCaches;
using Firn.Tests.Formats;
using Firn.Tests.Formats.SquashFs;
using SquashImages = Firn.Tests.Formats.SquashFs.Images;

namespace Firn.Tests.Images.BlockCaches;

public sealed class BlockCacheTests : IDisposable
{
    private const int Block = 4096;
    private readonly ScratchDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_block_is_compressed_once()
    {
        var compressed = 0;

        Assert.Equal((0, 3), Use(compress: Count, 1, 2, 3));
        Assert.Equal((2, 1), Use(compress: Count, 2, 3, 4));
        Assert.Equal(4, compressed);

        int Count(ReadOnlySpan<byte> plain, Span<byte> to)
        {
            compressed++;
            return Shorten(plain, to);
        }
    }

    [Fact]
    public void What_does_not_compress_is_known_too()
    {
        Use(compress: (_, _) => 0, 1);

        var (hits, _) = Use(compress: (_, _) => throw new InvalidOperationException(), 1);

        Assert.Equal(1, hits);
    }

    [Theory]
    [InlineData(4, Block, 3), InlineData(3, 2 * Block, 3)]
    public void Another_level_or_block_size_is_another_cache(int level, int block, int misses)
    {
        Use(compress: Shorten, 1, 2, 3);

        using var cache = new BlockCache(_directory.Path, level, block, long.MaxValue);
        Compress(cache, Shorten, 1, 2, 3);

        Assert.Equal((0, misses), cache.Counts);
    }

    [Fact]
    public void A_damaged_block_is_compressed_again_and_told_by_verify()
    {
        Use(compress: Shorten, [.. Enumerable.Range(0, 50)]);
        var pack = Packs().Single();
        var bytes = File.ReadAllBytes(pack);
        bytes[1000]++;
        File.WriteAllBytes(pack, bytes);

        Assert.Equal((49, 1), Use(compress: Shorten, [.. Enumerable.Range(0, 50)]));
    }

    [Fact]
    public void Damage_anywhere_never_gives_a_wrong_block()
    {
        Use(compress: Shorten, [.. Enumerable.Range(0, 20)]);
        var pack = Packs().Single();
        var good = File.ReadAllBytes(pack);
        var random = new Random(1);
        for (var i = 0; i < 300; i++)
        {
            foreach (var other in Packs()) File.Delete(other);
            var bytes = good.ToArray();
            bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
            File.WriteAllBytes(pack, random.Next(3) == 0 ? bytes[..random.Next(bytes.Length)] : bytes);

            Use(compress: Shorten, [.. Enumerable.Range(0, 20)]);    // checks every block
        }
    }

    [Fact]
    public void What_a_killed_build_left_is_used_as_far_as_it_is_whole()
    {
        Use(compress: Shorten, [.. Enumerable.Range(0, 20)]);
        var pack = Packs().Single();
        var torn = File.ReadAllBytes(pack)[..(10 * (48 + Block / 2) + 100)];
        File.Delete(pack);
        File.WriteAllBytes(Path.ChangeExtension(pack, ".partial"), torn);

        Assert.Equal((10, 10), Use(compress: Shorten, [.. Enumerable.Range(0, 20)]));
        Assert.Equal(0, CacheDirectory.Statistics(_directory.Path).Unfinished);
    }

    [Fact]
    public void Builds_at_the_same_time_share_without_harm()
    {
        Parallel.For(0, 8, i => Use(compress: Shorten, [.. Enumerable.Range(i * 5, 50)]));

        Assert.Equal((85, 0), Use(compress: Shorten, [.. Enumerable.Range(0, 85)]));
    }

    [Fact]
    public void A_cache_at_its_limit_keeps_what_the_last_build_used()
    {
        for (var build = 0; build < 10; build++)
            Use(compress: Shorten, limit: 100_000, [.. Enumerable.Range(build * 5, 25)]);

        Assert.InRange(CacheDirectory.Statistics(_directory.Path).SizeBytes, 1, 110_000);
        Assert.Equal((25, 0), Use(compress: Shorten, [.. Enumerable.Range(45, 25)]));
    }

    [Fact]
    public void Many_small_packs_become_one()
    {
        for (var build = 0; build < 70; build++) Use(compress: Shorten, build);

        Assert.InRange(Packs().Count(), 1, 66);
        Assert.Equal((70, 0), Use(compress: Shorten, [.. Enumerable.Range(0, 70)]));
    }

    [Fact]
    public void Pruning_removes_what_was_unused_for_longest()
    {
        Use(compress: Shorten, 1);
        foreach (var pack in Packs()) File.SetLastWriteTimeUtc(pack, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Use(compress: Shorten, 2);
        var newest = CacheDirectory.Statistics(_directory.Path).SizeBytes / 2;

        var pruned = CacheDirectory.Prune(_directory.Path, newest);

        Assert.Equal(1, pruned.RemovedPacks);
        Assert.Equal((1, 1), Use(compress: Shorten, 1, 2));
        Assert.Equal(0, CacheDirectory.Prune(_directory.Path, 0).SizeBytes);
    }

    [Fact]
    public void Verify_decompresses_what_was_written()
    {
        var tree = SquashImages.Everything();
        using (var cache = new BlockCache(_directory.Path, SquashImages.Level, Block, long.MaxValue))
            SquashImages.Write(tree, SquashImages.Options, () => cache.Wrap(new Firn.Linux.Compression.ZstdCompressor(SquashImages.Level).Compress));

        var good = CacheDirectory.Verify(_directory.Path, isRepaired: false);
        Assert.True(good.Blocks > 5);
        Assert.Equal(0, good.Damaged);

        var bytes = File.ReadAllBytes(Packs().Single());
        bytes[60]++;
        File.WriteAllBytes(Packs().Single(), bytes);
        Assert.Equal((1, 1), CacheDirectory.Verify(_directory.Path, isRepaired: true) is var bad ? (bad.Damaged, bad.DamagedPacks) : default);
        Assert.Empty(Packs());
    }

    [Fact]
    public void An_image_is_the_same_with_and_without_a_cache()
    {
        var tree = RandomTree.Make(seed: 2, blockSize: Block);
        var expected = SquashImages.Write(tree);
        for (var i = 0; i < 2; i++)
        {
            using var cache = new BlockCache(_directory.Path, SquashImages.Level, Block, long.MaxValue);
            Assert.Equal(expected, SquashImages.Write(tree, SquashImages.Options, () => cache.Wrap(new Firn.Linux.Compression.ZstdCompressor(SquashImages.Level).Compress)));
        }
    }

    private IEnumerable<string> Packs() => Directory.EnumerateFiles(_directory.Path, "*.pack", SearchOption.AllDirectories);

    private (long Hits, long Misses) Use(BlockCompressor compress, params int[] blocks) => Use(compress, long.MaxValue, blocks);

    private (long Hits, long Misses) Use(BlockCompressor compress, long limit, params int[] blocks)
    {
        using var cache = new BlockCache(_directory.Path, level: 3, Block, limit);
        Compress(cache, compress, blocks);
        return cache.Counts;
    }

    private static void Compress(BlockCache cache, BlockCompressor compress, params int[] blocks)
    {
        var wrapped = cache.Wrap(compress);
        var to = new byte[2 * Block];
        foreach (var block in blocks)
        {
            var plain = SquashImages.Noise(Block, seed: block);
            var size = wrapped(plain, to);
            if (size != 0) Assert.Equal(plain[..(Block / 2)], to[..size]);
        }
    }

    private static int Shorten(ReadOnlySpan<byte> plain, Span<byte> to)
    {
        plain[..(Block / 2)].CopyTo(to);
        return Block / 2;
    }
}
