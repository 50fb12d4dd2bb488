using System.Buffers.Binary;

namespace Firn.Formats.SquashFs;

/// <summary>
/// A table of metadata blocks, each read and decompressed when first needed. Blocks are found by their offset
/// from <paramref name="start"/>.
/// </summary>
/// <param name="image">The image.</param>
/// <param name="name">For messages.</param>
/// <param name="start">Of the table.</param>
/// <param name="isKept">False to keep only what was read last: for a table that is read in its order.</param>
internal sealed class MetadataReader(ImageReader image, string name, long start, bool isKept = true)
{
    // A few bytes may stand for 8 KiB, so the size of the image does not bound that of its tables.
    private const long MostBytes = 128 << 20;

    private const int MostBlocks = 512;    // unless all are kept

    private readonly NumberTable _blocks = new();
    private long _usedBytes;
    private int _heldBlocks;

    internal sealed record Block(byte[] Plain, long NextOffset);

    /// <summary>Plain bytes of the blocks read so far.</summary>
    public long LoadedBytes { get; private set; }

    public Cursor At(ulong reference) => At((long)(reference >> 16), (int)(reference & 0xffff));

    public Cursor At(long blockOffset, int offset)
    {
        var block = Load(blockOffset);
        return offset < block.Plain.Length
            ? new(this, block, offset)
            : throw Invalid($"offset {offset} in the block at {blockOffset}");
    }

    /// <summary>
    /// Counts bytes that only one inode, listing or attribute can be made of. When more are used than there are, parts
    /// of the table are used over and over: time and memory would know no bounds.
    /// </summary>
    public void Use(long bytes, int timesUsed = 1)
    {
        _usedBytes += bytes;
        if (_usedBytes > timesUsed * LoadedBytes) throw Invalid("entries overlap each other");
    }

    public InvalidDataException Invalid(string reason) => ImageReader.Invalid($"{name} table: {reason}");

    private Block Load(long offset)
    {
        if (offset < 0 || offset > image.Superblock.BytesUsed) throw Invalid($"block at {offset}");
        if (_blocks.Get(offset) is Block known) return known;
        Span<byte> header = stackalloc byte[2];
        image.Read(start + offset, header, $"{name} table");
        var word = BinaryPrimitives.ReadUInt16LittleEndian(header);
        var size = word & ~SquashFsFormat.RawMetadata;
        if (size is 0 or > SquashFsFormat.MetadataBlockSize) throw Invalid($"block at {offset} has {size} bytes");

        Span<byte> stored = stackalloc byte[size];
        image.Read(start + offset + header.Length, stored, $"{name} table");
        Span<byte> plain = stackalloc byte[SquashFsFormat.MetadataBlockSize];
        plain = (word & SquashFsFormat.RawMetadata) != 0 ? stored : plain[..image.Decompress(stored, plain)];
        if (plain.IsEmpty) throw Invalid($"block at {offset} is empty");
        return Hold(offset, new(plain.ToArray(), offset + header.Length + size));
    }

    private Block Hold(long offset, Block block)
    {
        if (!isKept && ++_heldBlocks > MostBlocks)
        {
            _blocks.Forget();
            _heldBlocks = 1;
        }
        if (_blocks.Put(offset, block) && (LoadedBytes += block.Plain.Length) > MostBytes)
            throw Invalid($"larger than {MostBytes >> 20} MiB");
        return block;
    }

    /// <summary>Reads on from a place in the table, through one block after the other.</summary>
    public struct Cursor
    {
        private readonly MetadataReader _table;
        private Block _block;
        private int _offset;

        internal Cursor(MetadataReader table, Block block, int offset) =>
            (_table, _block, _offset) = (table, block, offset);

        public void Read(Span<byte> destination)
        {
            while (!destination.IsEmpty)
            {
                if (_offset == _block.Plain.Length) (_block, _offset) = (_table.Load(_block.NextOffset), 0);
                var part = Math.Min(destination.Length, _block.Plain.Length - _offset);
                _block.Plain.AsSpan(_offset, part).CopyTo(destination);
                destination = destination[part..];
                _offset += part;
            }
        }

        public byte[] ReadBytes(int count)
        {
            var bytes = new byte[count];
            Read(bytes);
            return bytes;
        }

        public ushort ReadUInt16()
        {
            Span<byte> bytes = stackalloc byte[sizeof(ushort)];
            Read(bytes);
            return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        }

        public uint ReadUInt32()
        {
            Span<byte> bytes = stackalloc byte[sizeof(uint)];
            Read(bytes);
            return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        }

        public ulong ReadUInt64()
        {
            Span<byte> bytes = stackalloc byte[sizeof(ulong)];
            Read(bytes);
            return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        }

        /// <summary>Reads numbers whose count is not to be believed: memory grows with what is there.</summary>
        public uint[] ReadUInt32s(long count)
        {
            if (count > MostBytes / sizeof(uint)) throw _table.Invalid($"file of {count} blocks");
            var numbers = new uint[Math.Min(count, 1024)];
            for (var read = 0; ; Array.Resize(ref numbers, (int)Math.Min(count, 2L * numbers.Length)))
            {
                for (; read < numbers.Length; read++) numbers[read] = ReadUInt32();
                if (read == count) return numbers;
            }
        }
    }
}
