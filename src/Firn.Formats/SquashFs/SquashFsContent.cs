using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>The content of a file of an image, decompressed when it is read.</summary>
internal sealed class SquashFsContent(
    ImageReader image, long sizeBytes, long start, uint[] sizeWords, FragmentBlock fragment, uint fragmentOffset)
    : FileContent
{
    private const int BlocksPerMark = 256;

    private readonly int _blockSize = image.Superblock.BlockSizeBytes;
    private long[]? _marks;    // position of every 256th block

    public override long SizeBytes => sizeBytes;

    /// <exception cref="InvalidDataException">A block of the image is damaged.</exception>
    public override void Read(long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (offset > sizeBytes - destination.Length) throw new EndOfStreamException();
        while (!destination.IsEmpty)
        {
            var index = (int)(offset / _blockSize);
            var within = (int)(offset % _blockSize);
            var length = (int)Math.Min(_blockSize, sizeBytes - (long)index * _blockSize);
            var part = destination[..Math.Min(destination.Length, length - within)];
            ReadPart(index, within, length, part);
            destination = destination[part.Length..];
            offset += part.Length;
        }
    }

    public override long NextData(long offset)
    {
        if (offset >= sizeBytes) return sizeBytes;
        for (var index = (int)(offset / _blockSize); index < sizeWords.Length; index++, offset = (long)index * _blockSize)
            if (sizeWords[index] != 0) return offset;
        return Math.Min(offset, sizeBytes);    // within the fragment, or at the end
    }

    private void ReadPart(int index, int within, int length, Span<byte> part)
    {
        if (index == sizeWords.Length)
        {
            var block = image.ReadCachedBlock(fragment.Start, fragment.SizeWord);
            if (fragmentOffset > block.Length - length)
                throw ImageReader.Invalid($"file of {length} bytes at {fragmentOffset} of a shared block of {block.Length}");
            block.Slice((int)fragmentOffset + within, part.Length).CopyTo(part);
            return;
        }
        if (sizeWords[index] == 0)
        {
            part.Clear();
            return;
        }
        var position = PositionOf(index);
        if (part.Length == length)
            CheckSize(image.ReadBlock(position, sizeWords[index], part), length, position);
        else
        {
            var block = image.ReadCachedBlock(position, sizeWords[index]);
            CheckSize(block.Length, length, position);
            block.Slice(within, part.Length).CopyTo(part);
        }
    }

    private static void CheckSize(int size, int expected, long position)
    {
        if (size != expected)
            throw ImageReader.Invalid($"block at {position} holds {size} bytes, expected {expected}");
    }

    private long PositionOf(int index)
    {
        var position = (_marks ??= Mark())[index / BlocksPerMark];
        for (var i = index / BlocksPerMark * BlocksPerMark; i < index; i++) position += image.StoredSize(sizeWords[i]);
        return position;
    }

    private long[] Mark()
    {
        var marks = new long[sizeWords.Length / BlocksPerMark + 1];
        var position = start;
        for (var i = 0; i < sizeWords.Length; position += image.StoredSize(sizeWords[i++]))
            if (i % BlocksPerMark == 0) marks[i / BlocksPerMark] = position;
        return marks;
    }
}
