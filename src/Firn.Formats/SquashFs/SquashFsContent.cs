using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>The content of a file of an image, decompressed when it is read.</summary>
public sealed class SquashFsContent : FileContent
{
    private const int BlocksPerMark = 256;

    private readonly ImageReader _image;
    private readonly long _sizeBytes;
    private readonly int _blockSize;
    private long[]? _marks;    // position of every 256th block

    internal SquashFsContent(
        ImageReader image, long sizeBytes, long start, uint[] sizeWords, FragmentBlock fragment, uint fragmentOffset)
    {
        (_image, _sizeBytes, Start, SizeWords, Fragment, FragmentOffset) = (image, sizeBytes, start, sizeWords, fragment, fragmentOffset);
        _blockSize = image.Superblock.BlockSizeBytes;
    }

    public override long SizeBytes => _sizeBytes;

    /// <summary>
    /// Where the first byte is: position of its block in the image, and place within. Whoever reads many files reads them
    /// in this order, and each block once.
    /// </summary>
    public (long Block, long Offset) Place => SizeWords.Length > 0 ? (Start, 0) : (Fragment.Start, FragmentOffset);

    internal long Start { get; }
    internal uint[] SizeWords { get; }
    internal FragmentBlock Fragment { get; }
    internal uint FragmentOffset { get; }

    /// <exception cref="InvalidDataException">A block of the image is damaged.</exception>
    public override void Read(long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (offset > _sizeBytes - destination.Length) throw new EndOfStreamException();
        while (!destination.IsEmpty)
        {
            var index = (int)(offset / _blockSize);
            var within = (int)(offset % _blockSize);
            var length = (int)Math.Min(_blockSize, _sizeBytes - (long)index * _blockSize);
            var part = destination[..Math.Min(destination.Length, length - within)];
            ReadPart(index, within, length, part);
            destination = destination[part.Length..];
            offset += part.Length;
        }
    }

    public override long NextData(long offset)
    {
        if (offset >= _sizeBytes) return _sizeBytes;
        for (var index = (int)(offset / _blockSize); index < SizeWords.Length; index++, offset = (long)index * _blockSize)
            if (SizeWords[index] != 0) return offset;
        return Math.Min(offset, _sizeBytes);    // within the fragment, or at the end
    }

    private void ReadPart(int index, int within, int length, Span<byte> part)
    {
        if (index == SizeWords.Length)
        {
            var size = _image.ReadBlockPart(Fragment.Start, Fragment.SizeWord, FragmentOffset + within, part);
            if (FragmentOffset > size - length)
                throw ImageReader.Invalid($"file of {length} bytes at {FragmentOffset} of a shared block of {size}");
            return;
        }
        if (SizeWords[index] == 0)
        {
            part.Clear();
            return;
        }
        var position = PositionOf(index);
        if (part.Length == length)
            CheckSize(_image.ReadBlock(position, SizeWords[index], part), length, position);
        else
            CheckSize(_image.ReadBlockPart(position, SizeWords[index], within, part), length, position);
    }

    private static void CheckSize(int size, int expected, long position)
    {
        if (size != expected)
            throw ImageReader.Invalid($"block at {position} holds {size} bytes, expected {expected}");
    }

    private long PositionOf(int index)
    {
        var position = (_marks ??= Mark())[index / BlocksPerMark];
        for (var i = index / BlocksPerMark * BlocksPerMark; i < index; i++) position += _image.StoredSize(SizeWords[i]);
        return position;
    }

    private long[] Mark()
    {
        var marks = new long[SizeWords.Length / BlocksPerMark + 1];
        var position = Start;
        for (var i = 0; i < SizeWords.Length; position += _image.StoredSize(SizeWords[i++]))
            if (i % BlocksPerMark == 0) marks[i / BlocksPerMark] = position;
        return marks;
    }
}
