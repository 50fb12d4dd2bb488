using System.Buffers;
using Firn.Formats.SquashFs;

namespace Firn.Formats.Payloads;

/// <summary>
/// The decompressed bytes of an old image by place: the number of a block times the most a block has, plus the offset in it.
/// So what spans several full blocks of a file lies in a row. The last blocks used are kept.
/// </summary>
internal sealed class OldSpace(
    BlockIndex index, IOldContent old, int blockBytes, OwnedCodec<BlockDecompressor> decompressor, Func<int, IMemoryOwner<byte>> allocate) : IDisposable
{
    private const int KeptBytes = 4 << 20;
    private const int FewestKept = 4, MostKept = 64;

    private readonly KeptBlock[] _kept = [.. Enumerable.Range(0, KeptBlocks(blockBytes)).Select(_ => new KeptBlock())];
    private readonly IMemoryOwner<byte> _plain = allocate(KeptBlocks(blockBytes) * blockBytes);
    private readonly IMemoryOwner<byte> _stored = allocate(BlockCuts.LongestBytes);
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
        var place = 0;
        while (place < _kept.Length && _kept[place].Number != number) place++;
        if (place == _kept.Length)
        {
            place = _next++ % _kept.Length;
            _kept[place].Number = -1;
            _kept[place].Length = Load(number, PlainAt(place));
            _kept[place].Number = number;
        }
        return PlainAt(place)[.._kept[place].Length];
    }

    private Span<byte> PlainAt(int place) => _plain.Memory.Span.Slice(place * blockBytes, blockBytes);

    private int Load(int number, Span<byte> plain)
    {
        var block = index.Blocks[number];
        if (block.Length > BlockCuts.LongestBytes) return 0;
        var stored = _stored.Memory.Span[..block.Length];
        try
        {
            old.Read(block.Offset, stored);
        }
        catch (IOException)
        {
            return 0;
        }
        return BlockContent.Of(stored, plain, decompressor.Run);
    }

    public void Dispose()
    {
        _plain.Dispose();
        _stored.Dispose();
        decompressor.Dispose();
    }

    private static int KeptBlocks(int blockBytes) => Math.Clamp(KeptBytes / blockBytes, FewestKept, MostKept);

    private sealed class KeptBlock
    {
        public int Number { get; set; } = -1;
        public int Length { get; set; }
    }
}
