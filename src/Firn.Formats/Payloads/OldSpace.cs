using Firn.Formats.SquashFs;

namespace Firn.Formats.Payloads;

/// <summary>
/// The decompressed bytes of an old image by place: the number of a block times the most a block has, plus the offset in it.
/// So what spans several full blocks of a file lies in a row. The last blocks used are kept.
/// </summary>
internal sealed class OldSpace(BlockIndex index, IOldContent old, int blockBytes, BlockDecompressor decompress)
{
    private const int KeptBytes = 4 << 20;
    private const int FewestKept = 4;

    private readonly (int Number, byte[] Plain, int Length)[] _kept = Kept(blockBytes);
    private readonly byte[] _stored = new byte[BlockCuts.LongestBytes];
    private int _next;

    /// <summary>False if the bytes are not there or cannot be read.</summary>
    public bool TryRead(long place, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            if (place < 0 || place / blockBytes >= index.Blocks.Length) return false;
            var plain = Plain((int)(place / blockBytes));
            var within = (int)(place % blockBytes);
            if (within >= plain.Length) return false;
            var part = Math.Min(plain.Length - within, destination.Length);
            plain.Slice(within, part).CopyTo(destination);
            destination = destination[part..];
            place += part;
        }
        return true;
    }

    private ReadOnlySpan<byte> Plain(int number)
    {
        foreach (var (kept, plain, length) in _kept)
            if (kept == number) return plain.AsSpan(0, length);
        ref var slot = ref _kept[_next++ % _kept.Length];
        slot.Number = -1;
        slot.Length = Load(number, slot.Plain);
        slot.Number = number;
        return slot.Plain.AsSpan(0, slot.Length);
    }

    private int Load(int number, Span<byte> plain)
    {
        var block = index.Blocks[number];
        if (block.Length > _stored.Length) return 0;
        var stored = _stored.AsSpan(0, block.Length);
        try
        {
            old.Read(block.Offset, stored);
        }
        catch (IOException)
        {
            return 0;
        }
        return BlockContent.Of(stored, plain, decompress);
    }

    private static (int, byte[], int)[] Kept(int blockBytes) =>
        [.. Enumerable.Range(0, Math.Max(FewestKept, KeptBytes / blockBytes)).Select(_ => (-1, new byte[blockBytes], 0))];
}
