using Firn.Formats.Payloads;
using Firn.Formats.Trees;
using Firn.Images.Deltas;
using Firn.Linux.Compression;
using Firn.Linux.Memory;
using SquashImages = Firn.Tests.Formats.SquashFs.Images;

namespace Firn.Tests.Images.Deltas;

/// <summary>Short ways to packs and through them.</summary>
internal static class Packs
{
    public static PatchCodecs Codecs => ReleaseDeltas.Codecs;

    public static PackImage Open(byte[] image)
    {
        var reader = SquashImages.Open(image);
        var content = FileContent.Of(image);
        return PackImage.OfSquashFs(content, BlockIndex.Of(content, BlockCuts.OfSquashFs(reader)), reader);
    }

    public static PackImage OpenBoot(byte[] image) => PackImage.OfFat(
        FileContent.Of(image), BlockIndex.Of(FileContent.Of(image), BlockCuts.OfFat(new MemoryStream(image))));

    public static byte[] Build(PackImage old, PackImage target, int threads = 2) =>
        new PackBuilder(old, target, Codecs, ZstdEncoder.NameOf(SquashImages.Level)).Build(threads, null, TestContext.Current.CancellationToken);

    public static ReadOnlyMemory<byte> Frame(byte[] pack, PackHead head, int number) =>
        pack.AsMemory((int)head.Frames[number].Bytes.Offset, (int)head.Frames[number].Bytes.Length);

    /// <summary>As a device would: old blocks where they are, made ones, and the rest fetched; returns how many were fetched.</summary>
    public static (byte[] Image, int Fetched) Apply(byte[] pack, BlockIndex oldIndex, byte[] old, byte[] source, PatchCodecs? codecs = null)
    {
        var head = PackHead.Read(pack);
        var plan = PackPlan.Read(Frame(pack, head, 0), oldIndex);
        var image = new byte[plan.Index.ImageBytes];
        var places = plan.Index.Match([new(oldIndex)]);
        for (var i = 0; i < places.Origins.Length; i++)
            if (places.Origins[i].Kind == BlockOriginKind.Copy) Copy(old, places.Origins[i].Offset, plan.Index.Blocks[i]);
        using var reader = new PatchReader(head, plan, oldIndex, new OldBytes(old), codecs ?? Codecs, MappedMemory.Allocate);
        var fetched = 0;
        for (var frame = 1; frame < head.Frames.Length; frame++)
            foreach (var made in reader.Apply(frame, Frame(pack, head, frame)))
            {
                var block = plan.Index.Blocks[made.Number];
                if (made.MustBeFetched) fetched++;
                if (made.MustBeFetched) Copy(source, block.Offset, block);
                else made.Stored.CopyTo(image.AsMemory((int)block.Offset));
            }
        return (image, fetched);

        void Copy(byte[] from, long offset, IndexedBlock block) =>
            from.AsSpan((int)offset, block.Length).CopyTo(image.AsSpan((int)block.Offset));
    }

    /// <summary>Every block, and nothing is fetched.</summary>
    public static void MakesAll(byte[] pack, BlockIndex oldIndex, byte[] old, byte[] target)
    {
        var (image, fetched) = Apply(pack, oldIndex, old, target);
        Assert.Equal(target, image);
        Assert.Equal(0, fetched);
    }

    internal sealed class OldBytes(byte[] bytes) : IOldContent
    {
        public void Read(long offset, Span<byte> destination)
        {
            if (offset > bytes.Length - destination.Length) throw new EndOfStreamException();
            bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
        }
    }
}
