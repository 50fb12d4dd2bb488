using System.Collections.Immutable;
using Firn.Formats.SquashFs;

namespace Firn.Formats.Payloads;

/// <summary>A block that the old image does not have.</summary>
/// <param name="Number">In the index of the new image.</param>
/// <param name="Kind">How it is stored.</param>
/// <param name="PlainBytes">What is compressed to it; for a kind that is not, its length.</param>
public readonly record struct PatchedBlock(int Number, StoredKind Kind, int PlainBytes);

/// <summary>The first frame of a pack: the index of the new image as a change of the old one's, and how its new blocks are stored.</summary>
public sealed record PackPlan(BlockIndex Index, ImmutableArray<PatchedBlock> Blocks)
{
    /// <summary>Runs of old blocks and of new ones in turn: old blocks as a first number and a count, new ones each with length, kind and plain size.</summary>
    public byte[] ToBytes(BlockIndex old)
    {
        var numbers = new List<byte>();
        var hashes = new MemoryStream();
        var digest = new byte[BlockHash.Size];
        var places = new Dictionary<BlockHash, int>();
        for (var i = 0; i < old.Blocks.Length; i++) places.TryAdd(old.Blocks[i].Hash, i);
        var patched = Blocks.ToDictionary(block => block.Number);

        VarInts.Write(numbers, (ulong)Index.Blocks.Length);
        var expected = 0;
        for (var i = 0; i < Index.Blocks.Length;)
        {
            var first = i;
            while (i < Index.Blocks.Length && IsNew(i)) i++;
            VarInts.Write(numbers, (ulong)(i - first));
            for (; first < i; first++) WriteNew(first);
            if (i == Index.Blocks.Length) break;

            var from = places[Index.Blocks[i].Hash];
            if (expected < old.Blocks.Length && old.Blocks[expected].Hash == Index.Blocks[i].Hash) from = expected;
            var count = 1;
            while (i + count < Index.Blocks.Length && from + count < old.Blocks.Length && !Index.Blocks[i + count].IsZeros
                && Index.Blocks[i + count].Hash == old.Blocks[from + count].Hash) count++;
            VarInts.WriteSigned(numbers, from - expected);
            VarInts.Write(numbers, (ulong)count);
            expected = from + count;
            i += count;
        }
        var compressed = Brotli.Compress([.. numbers]);
        return [.. BitConverter.GetBytes(compressed.Length), .. compressed, .. hashes.ToArray()];

        bool IsNew(int number) => Index.Blocks[number].IsZeros || patched.ContainsKey(number);

        void WriteNew(int number)
        {
            var block = Index.Blocks[number];
            VarInts.Write(numbers, (ulong)block.Length);
            if (block.IsZeros)
            {
                VarInts.Write(numbers, Zeros);
                return;
            }
            VarInts.Write(numbers, (ulong)patched[number].Kind);
            if (patched[number].Kind is StoredKind.Compressed or StoredKind.Metadata) VarInts.Write(numbers, (ulong)patched[number].PlainBytes);
            block.Hash.WriteTo(digest);
            hashes.Write(digest);
        }
    }

    private const ulong Zeros = 4;
    private const int MostBlocks = 1024;

    /// <param name="bytes">Of the frame.</param>
    /// <param name="old">Must be the index that the head names.</param>
    /// <exception cref="InvalidDataException">Damaged, or another old index.</exception>
    public static PackPlan Read(ReadOnlyMemory<byte> bytes, BlockIndex old)
    {
        if (bytes.Length < sizeof(int) || BitConverter.ToUInt32(bytes.Span) is var length && length > bytes.Length - sizeof(int))
            throw PackFormat.Invalid("the plan ends too early");
        using var numbers = new BrotliSource(bytes.Slice(sizeof(int), (int)length));
        var hashes = bytes[(sizeof(int) + (int)length)..];
        var blocks = ImmutableArray.CreateBuilder<IndexedBlock>();
        var patched = ImmutableArray.CreateBuilder<PatchedBlock>();
        // old blocks may be used again and again, and zeros have no hash: bounded, so that few bytes do not stand for much memory
        var total = numbers.ReadLength(Math.Min(IndexFormat.MaximumBlocks, MostBlocks + 4 * (old.Blocks.Length + hashes.Length / BlockHash.Size)));
        long offset = 0, expected = 0;
        while (blocks.Count < total)
        {
            for (var count = numbers.ReadLength(total - blocks.Count); count > 0; count--) AddNew();
            if (blocks.Count == total) break;
            var from = expected + numbers.ReadSigned();
            var copied = numbers.ReadLength(total - blocks.Count);
            if (copied == 0 || from < 0 || from > old.Blocks.Length - copied) throw PackFormat.Invalid($"{copied} blocks at {from} of {old.Blocks.Length}");
            for (expected = from + copied; from < expected; from++) Add(old.Blocks[(int)from].Length, old.Blocks[(int)from].Hash);
        }
        return new(BlockIndex.Of(blocks.DrainToImmutable()), patched.DrainToImmutable());

        void Add(int blockLength, BlockHash hash)
        {
            blocks.Add(new(offset, blockLength, hash));
            offset += blockLength;
        }

        void AddNew()
        {
            var blockLength = numbers.ReadLength(IndexFormat.MaximumBlockBytes);
            if (blockLength == 0) throw PackFormat.Invalid("an empty block");
            var kind = numbers.ReadNumber();
            if (kind > Zeros) throw PackFormat.Invalid($"block of unknown kind {kind}");
            if (kind == Zeros)
            {
                Add(blockLength, BlockHash.OfZeros);
                return;
            }
            var plainBytes = (StoredKind)kind is StoredKind.Compressed or StoredKind.Metadata ? numbers.ReadLength(BlockCuts.LongestBytes) : blockLength;
            if (hashes.Length < BlockHash.Size || blockLength > BlockCuts.LongestBytes) throw PackFormat.Invalid($"block of {blockLength} bytes without a hash");
            patched.Add(new(blocks.Count, (StoredKind)kind, plainBytes));
            Add(blockLength, BlockHash.Read(hashes.Span));
            hashes = hashes[BlockHash.Size..];
        }
    }
}
