using System.Buffers;
using System.Buffers.Binary;
using Firn.Formats.SquashFs;

namespace Firn.Formats.Payloads;

/// <summary>A block as a pack makes it.</summary>
/// <param name="Number">In the index of the new image.</param>
/// <param name="Stored">Its bytes, which have the hash of the index; empty if they could not be made: fetch it. Until the next block.</param>
public readonly record struct MadeBlock(int Number, ReadOnlyMemory<byte> Stored)
{
    public bool MustBeFetched => Stored.IsEmpty;
}

/// <summary>
/// Makes the new blocks of an image of the decompressed content of an old one, in the order of the image: frame by frame, each
/// by itself, so one may begin anywhere. Whatever is wrong with the old image, a frame or a compressor costs the blocks
/// concerned, which are to be fetched then. For one thread at a time.
/// </summary>
public sealed class PatchReader : IDisposable
{
    private readonly PackHead _head;
    private readonly PackPlan _plan;
    private readonly PatchCodecs _codecs;
    private readonly OldSpace _old;
    private readonly UnpackedContents _unpacked;
    private readonly OwnedCodec<BlockCompressor>? _encoder;
    private readonly IMemoryOwner<byte> _plain, _stored;

    /// <param name="head">Of the pack.</param>
    /// <param name="plan">Its first frame.</param>
    /// <param name="oldIndex">The index that the head names.</param>
    /// <param name="old">The old image.</param>
    /// <param name="codecs">What there is to compress with.</param>
    /// <param name="allocate">So many bytes of memory, which takes no room before it is written.</param>
    public PatchReader(PackHead head, PackPlan plan, BlockIndex oldIndex, IOldContent old, PatchCodecs codecs, Func<int, IMemoryOwner<byte>> allocate)
    {
        (_head, _plan, _codecs) = (head, plan, codecs);
        _old = new(oldIndex, old, head.OldBlockBytes, codecs.NewDecompressor(), allocate);
        _unpacked = new(_old, codecs.Unpack, allocate);
        _encoder = codecs.FindEncoder(head.Encoder);
        (_plain, _stored) = (allocate(BlockCuts.LongestBytes), allocate(BlockCuts.LongestBytes + sizeof(ushort)));
    }

    /// <param name="frame">1 or more; the first is the plan.</param>
    /// <param name="bytes">Of the frame; must have been compared with its hash.</param>
    public IEnumerable<MadeBlock> Apply(int frame, ReadOnlyMemory<byte> bytes)
    {
        using var content = Open(bytes);
        var first = _head.FirstBlock(frame);
        var isBroken = content is null;
        for (var i = first; i < first + _head.Frames[frame].BlockCount && i < _plan.Blocks.Length; i++)
        {
            var made = isBroken ? default : Make(content!, _plan.Blocks[i], out isBroken);
            yield return new(_plan.Blocks[i].Number, made);
        }
    }

    private FrameContent? Open(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return new(bytes, _old, _unpacked, _codecs);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private ReadOnlyMemory<byte> Make(FrameContent content, PatchedBlock block, out bool isBroken)
    {
        isBroken = false;
        var plain = _plain.Memory[..block.PlainBytes];
        try
        {
            content.Read(plain.Span);
        }
        catch (InvalidDataException)
        {
            isBroken = true;
            return default;
        }
        var stored = Store(block.Kind, plain);
        return _plan.Index.Blocks[block.Number].Matches(stored.Span) ? stored : default;
    }

    private ReadOnlyMemory<byte> Store(StoredKind kind, ReadOnlyMemory<byte> plain)
    {
        if (kind is StoredKind.Raw or StoredKind.RawMetadata) return plain;
        if (_encoder is null) return default;
        var header = kind == StoredKind.Metadata ? sizeof(ushort) : 0;
        var stored = _stored.Memory;
        var size = _encoder.Run(plain.Span, stored.Span[header..]);
        if (header > 0) BinaryPrimitives.WriteUInt16LittleEndian(stored.Span, (ushort)size);
        return stored[..(header + size)];
    }

    public void Dispose()
    {
        _old.Dispose();
        _unpacked.Dispose();
        _encoder?.Dispose();
        _plain.Dispose();
        _stored.Dispose();
    }
}
