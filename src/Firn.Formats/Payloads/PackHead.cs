using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Firn.Formats.Payloads;

/// <summary>A part of a pack that is fetched, proven and used as a whole.</summary>
/// <param name="Bytes">Where it is in the file.</param>
/// <param name="BlockCount">New blocks that are made of it; 0 for the first frame, which is the plan.</param>
/// <param name="Hash">SHA-256 of its bytes: nothing that it does not prove is decoded.</param>
public readonly record struct PackFrame(ByteRange Bytes, int BlockCount, BlockHash Hash);

/// <summary>The first part of a pack: for which images it is, what must compress its blocks, and its frames.</summary>
/// <param name="OldIndex">SHA-256 of the index file of the image that it makes the new one of.</param>
/// <param name="NewIndex">SHA-256 of the index file of the image that it makes.</param>
/// <param name="OldBlockBytes">The most that a block of the old image has when it is decompressed.</param>
/// <param name="Encoder">What compresses the new blocks: library, version, level, and the hash of a probe.</param>
/// <param name="Frames">The first is the plan, each other one makes some new blocks by itself.</param>
public sealed record PackHead(BlockHash OldIndex, BlockHash NewIndex, int OldBlockBytes, string Encoder, ImmutableArray<PackFrame> Frames)
{
    public int SizeBytes => PackFormat.HeaderBytes + Encoding.UTF8.GetByteCount(Encoder) + Frames.Length * PackFormat.FrameBytes;

    /// <summary>Number of the first new block that a frame makes.</summary>
    public int FirstBlock(int frame) => Frames.Take(frame).Sum(before => before.BlockCount);

    public byte[] ToBytes()
    {
        var bytes = new byte[SizeBytes];
        var encoder = Encoding.UTF8.GetBytes(Encoder);
        PackFormat.Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), PackFormat.Version);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(10), (ushort)encoder.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), Frames.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), OldBlockBytes);
        OldIndex.WriteTo(bytes.AsSpan(24));
        NewIndex.WriteTo(bytes.AsSpan(56));
        encoder.CopyTo(bytes.AsSpan(PackFormat.HeaderBytes));
        var rest = bytes.AsSpan(PackFormat.HeaderBytes + encoder.Length);
        foreach (var frame in Frames)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, (int)frame.Bytes.Length);
            BinaryPrimitives.WriteInt32LittleEndian(rest[4..], frame.BlockCount);
            frame.Hash.WriteTo(rest[8..]);
            rest = rest[PackFormat.FrameBytes..];
        }
        return bytes;
    }

    /// <param name="bytes">A pack from its beginning; may go on behind the head.</param>
    /// <exception cref="InvalidDataException">Not the beginning of a pack, or one of a later version.</exception>
    public static PackHead Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < PackFormat.HeaderBytes || !bytes.StartsWith(PackFormat.Magic)) throw PackFormat.Invalid("does not begin like one");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (version != PackFormat.Version) throw PackFormat.Invalid($"has version {version}, this firn understands {PackFormat.Version}");
        var encoderBytes = BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]);
        var count = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        var blockBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]);
        var rest = bytes[PackFormat.HeaderBytes..];
        if (encoderBytes > PackFormat.MaximumEncoderBytes || encoderBytes > rest.Length) throw PackFormat.Invalid($"encoder of {encoderBytes} bytes");
        if (blockBytes is < 1 or > BlockCuts.LongestBytes) throw PackFormat.Invalid($"blocks of {blockBytes} bytes");
        var encoder = Encoding.UTF8.GetString(rest[..encoderBytes]);
        rest = rest[encoderBytes..];
        if (count is 0 or > PackFormat.MaximumFrames || count > rest.Length / PackFormat.FrameBytes) throw PackFormat.Invalid($"{count} frames");

        var frames = ImmutableArray.CreateBuilder<PackFrame>((int)count);
        var offset = PackFormat.HeaderBytes + encoderBytes + (long)count * PackFormat.FrameBytes;
        long blocks = 0;
        for (; count > 0; count--, rest = rest[PackFormat.FrameBytes..])
        {
            var stored = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            var blockCount = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            if (stored > PackFormat.MaximumFrameBytes || (blocks += blockCount) > IndexFormat.MaximumBlocks)
                throw PackFormat.Invalid($"frame of {stored} bytes and {blockCount} blocks");
            frames.Add(new(new(offset, stored), (int)blockCount, BlockHash.Read(rest[8..])));
            offset += stored;
        }
        return new(BlockHash.Read(bytes[24..]), BlockHash.Read(bytes[56..]), blockBytes, encoder, frames.MoveToImmutable());
    }
}
