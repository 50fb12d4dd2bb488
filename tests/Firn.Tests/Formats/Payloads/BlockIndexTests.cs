using Firn.Formats.Fat;
using Firn.Formats.Payloads;
using Firn.Formats.Trees;
using Firn.Tests.Formats.SquashFs;
using SquashImages = Firn.Tests.Formats.SquashFs.Images;

namespace Firn.Tests.Formats.Payloads;

public sealed class BlockIndexTests
{
    [Fact]
    public void Blocks_cover_the_image_and_are_what_its_bytes_are()
    {
        var image = SquashImages.Write(SquashImages.Everything());

        var index = Index(image);

        Assert.Equal(image.Length, index.ImageBytes);
        Assert.Equal(image.Length, index.Blocks.Sum(block => (long)block.Length));
        Assert.True(index.Blocks.Length > 10);
        foreach (var block in index.Blocks) Assert.True(block.Matches(image.AsSpan((int)block.Offset, block.Length)));
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var index = Index(SquashImages.Write(RandomTree.Make(7, 4096)));

        var read = BlockIndex.Read(index.ToBytes());

        Assert.Equal(index.Blocks, read.Blocks);
        Assert.Equal(index.Head.Segments, read.Head.Segments);
        Assert.Equal(index.ToBytes(), read.ToBytes());
    }

    [Fact]
    public void An_index_of_known_bytes_has_known_bytes()
    {
        var index = BlockIndex.Of(FileContent.Of((byte[])[1, 2, 3, 0, 0]), [3]);

        Assert.Equal(
            "6669726E2D696478" + "0100" + "0000" + "01000000" + "0500000000000000" + "02000000" + "00000000"
            + "0500000000000000" + "02000000" + "6D01463463B1D8D919EE5F618F772511E87E01230D8F7D003F64E100FB8ED8AF"
            + "030000" + "039058C6F2C0CB492C533B0A4D14EF77CC0F78ABCCCED5287D84A1A2011CFB81"
            + "020000" + new string('0', 64),
            Convert.ToHexString(index.ToBytes()));
    }

    [Fact]
    public void An_index_can_be_put_together_from_segments_of_an_older_one()
    {
        var (old, changed) = TwoVersions();
        var (oldIndex, index) = (Index(old), Index(changed));
        var known = Enumerable.Range(0, oldIndex.Head.Segments.Length).ToLookup(i => oldIndex.Head.Segments[i].Hash, oldIndex.SegmentBytes);
        var file = index.ToBytes();
        var ranges = index.Head.SegmentRanges().ToArray();
        var fetched = 0;

        var read = BlockIndex.Read(IndexHead.Read(file), (number, segment) =>
        {
            if (known[segment.Hash].FirstOrDefault() is { Length: > 0 } there) return there;
            fetched++;
            return file.AsMemory((int)ranges[number].Offset, (int)ranges[number].Length);
        });

        Assert.Equal(index.Blocks, read.Blocks);
        Assert.InRange(fetched, 1, index.Head.Segments.Length / 2);
    }

    [Fact]
    public void A_small_change_is_a_small_part_to_fetch()
    {
        var (old, changed) = TwoVersions();
        var index = Index(changed);

        var plan = index.Match([new(Index(old))]);

        Assert.InRange(plan.Bytes(BlockOriginKind.Fetch), 1, changed.Length / 20);
        Assert.Equal(changed, Apply(plan, [old], changed));
    }

    [Fact]
    public void What_lies_where_the_image_is_written_is_kept_or_taken_from_further_on_only()
    {
        byte[] a = SquashImages.Noise(5000, 1), b = SquashImages.Noise(5000, 2), c = SquashImages.Noise(5000, 3);
        var index = BlockIndex.Of(FileContent.Of((byte[])[.. a, .. b, .. c]), [5000, 10_000]);
        var there = BlockIndex.Of(FileContent.Of((byte[])[.. a, .. c, .. b]), [5000, 10_000]);

        var plan = index.Match([new(there, IsOverwritten: true)]);

        Assert.Equal(
            [new(BlockOriginKind.InPlace, 0, 0), new(BlockOriginKind.Copy, 0, 10_000), new(BlockOriginKind.Fetch)], plan.Origins.ToArray());
        Assert.Equal([new(10_000, 5000)], plan.Ranges());
    }

    [Fact]
    public void Ranges_with_small_gaps_are_one()
    {
        ByteRange[] ranges = [new(100_000, 10), new(0, 10), new(20, 5), new(16_408, 1), new(22, 1)];

        Assert.Equal([new(0, 25), new(16_408, 1), new(100_000, 10)], ByteRange.Coalesce(ranges, 16_383));
        Assert.Equal([new(0, 16_409), new(100_000, 10)], ByteRange.Coalesce(ranges));
    }

    [Fact]
    public void A_boot_image_is_cut_where_its_files_begin()
    {
        var files = new FileTree();
        files.Put("vmlinuz", SquashImages.File(SquashImages.Noise(300_000)));
        files.Put("initrd.img", SquashImages.File(SquashImages.Noise(200_000, 2)));
        var image = new MemoryStream();
        FatWriter.Write(files, new(FatWriter.MinimumSizeBytes(files), "TEST", 1, 0, DateTimeOffset.UnixEpoch.AddYears(20)), image);
        var bytes = image.ToArray();

        var index = BlockIndex.Of(FileContent.Of(bytes), BlockCuts.OfFat(image));

        Assert.Equal(bytes.Length, index.ImageBytes);
        var first = index.Blocks.First(block => block.Hash == BlockHash.Of(SquashImages.Noise(300_000).AsSpan(0, 128 << 10)));
        Assert.Contains(index.Blocks, block => block.Offset == first.Offset + (128 << 10));
        Assert.Contains(index.Blocks, block => block.Hash == BlockHash.Of(SquashImages.Noise(200_000, 2).AsSpan(0, 128 << 10)));
    }

    [Fact]
    public void Damage_is_survived_and_never_believed()
    {
        var bytes = Index(SquashImages.Write(SquashImages.Everything())).ToBytes();

        Damage.IsSurvived(bytes, damaged => BlockIndex.Read(damaged), reach: 200);
        Damage.IsSurvived(bytes, damaged => BlockIndex.Read(damaged));
        Damage.TruncationIsSurvived(bytes, damaged => BlockIndex.Read(damaged));
        Assert.Throws<InvalidDataException>(() => BlockIndex.Read((byte[])[.. bytes, 0]));
    }

    [Fact]
    public void A_damaged_image_has_no_index_or_a_true_one()
    {
        var image = SquashImages.Write(SquashImages.Everything());

        Damage.IsSurvived(image, damaged =>
        {
            foreach (var block in Index(damaged).Blocks) Assert.True(block.Matches(damaged.AsSpan((int)block.Offset, block.Length)));
        });
    }

    internal static BlockIndex Index(byte[] image) => BlockIndex.Of(FileContent.Of(image), BlockCuts.OfSquashFs(SquashImages.Open(image)));

    /// <summary>A changed and a new small file among many; with the layout of the first.</summary>
    private static (byte[] Old, byte[] New) TwoVersions()
    {
        var tree = new FileTree();
        for (var i = 0; i < 400; i++) tree.Put($"large/{i}", SquashImages.File(SquashImages.Noise(9000, seed: i)));
        var old = SquashImages.Write(tree);
        tree.Find("large/200")!.Content = FileContent.Of(SquashImages.Noise(9000, seed: 1000));
        return (old, SquashImages.Write(tree));
    }

    private static byte[] Apply(BlockPlan plan, byte[][] old, byte[] source)
    {
        var image = new byte[plan.Index.ImageBytes];
        for (var i = 0; i < plan.Origins.Length; i++)
        {
            var (block, origin) = (plan.Index.Blocks[i], plan.Origins[i]);
            if (origin.Kind == BlockOriginKind.Copy) old[origin.Image].AsSpan((int)origin.Offset, block.Length).CopyTo(image.AsSpan((int)block.Offset));
        }
        foreach (var range in plan.Ranges())
            source.AsSpan((int)range.Offset, (int)range.Length).CopyTo(image.AsSpan((int)range.Offset));
        return image;
    }
}
