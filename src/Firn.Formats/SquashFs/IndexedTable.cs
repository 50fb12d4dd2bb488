using System.Buffers.Binary;

namespace Firn.Formats.SquashFs;

/// <summary>A table of rows of one size, found through a list of the positions of its blocks.</summary>
internal sealed class IndexedTable
{
    private readonly long[] _blocks;
    private readonly MetadataReader _rows;
    private readonly int _rowSize;
    private readonly uint _count;

    /// <param name="image">The image.</param>
    /// <param name="name">For messages.</param>
    /// <param name="position">Of the list.</param>
    /// <param name="count">Of rows.</param>
    /// <param name="rowSize">Of which a metadata block holds a whole number.</param>
    public IndexedTable(ImageReader image, string name, long position, uint count, int rowSize)
    {
        (_count, _rowSize, _rows) = (count, rowSize, new(image, name, start: 0));
        var blockCount = ((long)count * rowSize + SquashFsFormat.MetadataBlockSize - 1) / SquashFsFormat.MetadataBlockSize;
        if (position + blockCount * sizeof(long) > image.Superblock.BytesUsed)
            throw _rows.Invalid($"{count} rows do not fit into the image");
        var bytes = new byte[blockCount * sizeof(long)];
        image.Read(position, bytes, $"{name} table");
        _blocks = new long[blockCount];
        for (var i = 0; i < blockCount; i++)
            _blocks[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i * sizeof(long)));
    }

    public MetadataReader.Cursor Row(uint number)
    {
        if (number >= _count) throw _rows.Invalid($"row {number} of {_count}");
        var rowsPerBlock = SquashFsFormat.MetadataBlockSize / _rowSize;
        return _rows.At(_blocks[number / rowsPerBlock], (int)(number % rowsPerBlock) * _rowSize);
    }
}
