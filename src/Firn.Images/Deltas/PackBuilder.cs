using Firn.Formats.Payloads;
using Firn.Formats.SquashFs;
using Firn.Images.Building;

namespace Firn.Images.Deltas;

/// <summary>
/// Makes the pack that makes one image of another: every new block by what it holds, compared with the file that is most like
/// it. The same images give the same bytes, whatever the number of threads.
/// </summary>
/// <param name="old">What the device has.</param>
/// <param name="target">What it should have.</param>
/// <param name="codecs">To decompress with, and to prove that blocks can be made again.</param>
/// <param name="encoder">What compressed the blocks of the target.</param>
public sealed class PackBuilder(PackImage old, PackImage target, PatchCodecs codecs, string encoder)
{
    /// <summary>A frame is fetched as a whole, and what the network drops of it is fetched again.</summary>
    private const int FrameContentBytes = 8 << 20;

    /// <param name="threads">That compare and compress.</param>
    /// <param name="progress">Told how many bytes of new blocks are compared and packed.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InvalidDataException">An image is damaged.</exception>
    public byte[] Build(int threads, IProgress<BuildProgress>? progress, CancellationToken cancellation)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        var blocks = NewBlocks(options, progress);
        var plan = new PackPlan(target.Index, [.. blocks.Select(block => new PatchedBlock(block.Number, block.Kind, block.Plain.Length))]);
        var comparison = new Comparison(this, blocks);
        comparison.Run(options, new Meter(progress, "compare blocks", blocks.Sum(block => (long)block.Plain.Length)));
        var frames = comparison.Frames(FrameContentBytes);
        var packed = new byte[frames.Count][];
        var meter = new Meter(progress, "pack patches", frames.Sum(frame => (long)(frame.End - frame.First)));
        Parallel.For(0, frames.Count, options, number =>
        {
            packed[number] = comparison.Pack(frames[number]);
            meter.Add(frames[number].End - frames[number].First);
        });
        return PackWriter.Write(
            old.Index, plan, old.BlockBytes, encoder, packed.Select((bytes, number) => (bytes, frames[number].End - frames[number].First))).Bytes;
    }

    /// <summary>The blocks that the old image does not have, with what they hold, if that gives the same block again.</summary>
    private NewBlock[] NewBlocks(ParallelOptions options, IProgress<BuildProgress>? progress)
    {
        var known = old.Index.Blocks.Select(block => block.Hash).ToHashSet();
        var stored = target.Blocks.ToDictionary(block => block.Offset);
        int[] numbers = [.. Enumerable.Range(0, target.Index.Blocks.Length).Where(number => IsNew(target.Index.Blocks[number]))];
        var blocks = new NewBlock[numbers.Length];
        var meter = new Meter(progress, "read new blocks", numbers.Sum(number => (long)target.Index.Blocks[number].Length));
        Parallel.For(0, numbers.Length, options, () => new BlockReader(codecs.NewDecompressor(), codecs.FindEncoder(encoder), target.BlockBytes), (i, _, reader) =>
        {
            var block = target.Index.Blocks[numbers[i]];
            var bytes = new byte[block.Length];
            target.Bytes.Read(block.Offset, bytes);
            if (!block.Matches(bytes)) throw new InvalidDataException($"image at {block.Offset}: is not what its index says");
            blocks[i] = reader.Read(numbers[i], bytes, stored.GetValueOrDefault(block.Offset));
            meter.Add(block.Length);
            return reader;
        }, reader => reader.Dispose());
        long start = 0;
        foreach (ref var block in blocks.AsSpan())
        {
            block = block with { Start = start };
            start = block.End;
        }
        return blocks;

        bool IsNew(IndexedBlock block) => !block.IsZeros && !known.Contains(block.Hash);
    }

    internal OldFiles ReadOldFiles() => new(old);

    /// <summary>All that is not in files, decompressed: tables, lists and what lies between.</summary>
    internal Reference ReadOldTables()
    {
        var files = old.Blocks.Where(block => block.Pieces.Count > 0 || block.Kind == StoredKind.Compressed).Select(block => block.Offset).ToHashSet();
        using var decompressor = codecs.NewDecompressor();
        var bytes = new MemoryStream();
        var spans = new List<ReferenceSpan>();
        var plain = new byte[old.BlockBytes];
        for (var number = 0; number < old.Index.Blocks.Length; number++)
        {
            var block = old.Index.Blocks[number];
            if (block.IsZeros || files.Contains(block.Offset)) continue;
            var stored = new byte[block.Length];
            old.Bytes.Read(block.Offset, stored);
            var size = BlockContent.Of(stored, plain, decompressor.Run);
            spans.Add(new((int)bytes.Length, (long)number * old.BlockBytes, size));
            bytes.Write(plain, 0, size);
        }
        return new(bytes.ToArray(), spans);
    }

    internal PatchCodecs Codecs => codecs;
}

/// <summary>Adds up what several threads have done.</summary>
internal sealed class Meter(IProgress<BuildProgress>? progress, string step, long total)
{
    private long _done;

    public void Add(long done) => progress?.Report(new(step, Interlocked.Add(ref _done, done), total));
}
