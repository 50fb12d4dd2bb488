using System.Buffers.Binary;

namespace Firn.Formats.SquashFs;

/// <summary>
/// A table of the image while it grows: 8 KiB blocks, each compressed on its own and headed by its stored size.
/// </summary>
internal sealed class MetadataWriter(BlockCompressor compress)
{
    private readonly byte[] _plain = new byte[SquashFsFormat.MetadataBlockSize];
    private readonly byte[] _compressed = new byte[2 * SquashFsFormat.MetadataBlockSize];
    private readonly MemoryStream _stored = new();
    private readonly List<long> _blockOffsets = [];
    private int _used;

    /// <summary>
    /// Where the next byte goes: offset of the stored block in the table, times 65536, plus offset in the plain block.
    /// </summary>
    public ulong Reference => (ulong)_stored.Length << 16 | (uint)_used;

    /// <summary>Plain bytes until the next block begins.</summary>
    public int BytesLeftInBlock => SquashFsFormat.MetadataBlockSize - _used;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var part = bytes[..Math.Min(bytes.Length, BytesLeftInBlock)];
            part.CopyTo(_plain.AsSpan(_used));
            _used += part.Length;
            bytes = bytes[part.Length..];
            if (BytesLeftInBlock == 0) EndBlock();
        }
    }

    public void Write(ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        Write(bytes);
    }

    public void Write(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Write(bytes);
    }

    public void Write(ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Write(bytes);
    }

    /// <summary>Appends the table to the image and returns the position of each of its blocks.</summary>
    public long[] EndTable(Stream image, long position)
    {
        if (_used > 0) EndBlock();
        _stored.WriteTo(image);
        return [.. _blockOffsets.Select(offset => position + offset)];
    }

    private void EndBlock()
    {
        // A reference has 32 bits for the block, and the table is kept in memory until it is whole.
        if (_stored.Length > int.MaxValue - _compressed.Length)
            throw new InvalidDataException("squashfs: the tree's metadata does not fit into 2 GiB");
        var plain = _plain.AsSpan(0, _used);
        var size = compress(plain, _compressed);
        var isRaw = size == 0 || size >= plain.Length;
        var stored = isRaw ? plain : _compressed.AsSpan(0, size);

        Span<byte> header = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)(stored.Length | (isRaw ? SquashFsFormat.RawMetadata : 0)));
        _blockOffsets.Add(_stored.Length);
        _stored.Write(header);
        _stored.Write(stored);
        _used = 0;
    }
}
