using System.Buffers;
using System.IO.Compression;
using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>Bounded reads and decompression for all that is read from one image, on any thread.</summary>
internal sealed class ImageReader
{
    private const int CachedBlocks = 16;

    private readonly FileContent _image;
    private readonly Func<BlockDecompressor> _newDecompressor;
    private readonly List<BlockDecompressor> _decompressors = [];
    private readonly Lock _decompressorsGate = new();
    private readonly Lock _cacheGate = new();
    private readonly List<CachedBlock> _cache = [];
    private int _nextCached;

    public ImageReader(FileContent image, Func<BlockDecompressor> newZstd, Func<BlockDecompressor>? newXz)
    {
        if (image.SizeBytes < SquashFsFormat.SuperblockSize)
            throw Invalid($"image of {image.SizeBytes} bytes has no superblock");
        var block = new byte[SquashFsFormat.SuperblockSize];
        image.Read(0, block);
        _image = image;
        Superblock = SquashFsSuperblock.Read(block, image.SizeBytes);
        _newDecompressor = Superblock.Compression switch
        {
            SquashFsCompression.Zstd => newZstd,
            SquashFsCompression.Gzip => () => DecompressGzip,
            SquashFsCompression.Lz4 => () => Lz4.Decompress,
            SquashFsCompression.Xz when newXz is not null => newXz,
            var other => throw Invalid($"compressed with {Name(other)}, which is not read here"),
        };
    }

    public SquashFsSuperblock Superblock { get; }
    public long SizeBytes => _image.SizeBytes;

    /// <exception cref="InvalidDataException">The range is not within the image.</exception>
    public void Read(long position, Span<byte> destination, string what)
    {
        if (position < SquashFsFormat.SuperblockSize || position > Superblock.BytesUsed - destination.Length)
            throw Invalid($"{what}: {destination.Length} bytes at {position} of an image of {Superblock.BytesUsed}");
        _image.Read(position, destination);
    }

    public int Decompress(ReadOnlySpan<byte> stored, Span<byte> plain)
    {
        var decompress = TakeDecompressor() ?? _newDecompressor();
        var size = decompress(stored, plain);    // one that threw is not used again
        lock (_decompressorsGate) _decompressors.Add(decompress);
        return size;
    }

    private BlockDecompressor? TakeDecompressor()
    {
        lock (_decompressorsGate)
        {
            if (_decompressors.Count == 0) return null;
            var last = _decompressors[^1];
            _decompressors.RemoveAt(_decompressors.Count - 1);
            return last;
        }
    }

    /// <summary>Reads a data or fragment block; returns its plain size.</summary>
    public int ReadBlock(long position, uint sizeWord, Span<byte> plain)
    {
        var size = StoredSize(sizeWord);
        if ((sizeWord & SquashFsFormat.RawBlock) != 0)
        {
            if (size > plain.Length) throw Invalid($"block at {position} holds {size} bytes, expected up to {plain.Length}");
            Read(position, plain[..size], "data block");
            return size;
        }
        var stored = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            Read(position, stored.AsSpan(0, size), "data block");
            return Decompress(stored.AsSpan(0, size), plain);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    /// <summary>The same for a part of a block: the last blocks read are kept. Fills nothing when the block is too short.</summary>
    public int ReadBlockPart(long position, uint sizeWord, long offset, Span<byte> part)
    {
        var block = Cached(position);
        lock (block)
        {
            if (block.Position != position)
            {
                block.Position = CachedBlock.Nothing;    // until it is read: it may be damaged
                block.Plain ??= new byte[Superblock.BlockSizeBytes];
                block.SizeBytes = ReadBlock(position, sizeWord, block.Plain);
                block.Position = position;
            }
            if (offset <= block.SizeBytes - part.Length) block.Plain.AsSpan((int)offset, part.Length).CopyTo(part);
            return block.SizeBytes;
        }
    }

    // Whoever needs the same block meanwhile gets the same one, and waits for it.
    private CachedBlock Cached(long position)
    {
        lock (_cacheGate)
        {
            foreach (var known in _cache)
                if (known.Wanted == position) return known;
            if (_cache.Count < CachedBlocks) _cache.Add(new());
            var block = _cache[_nextCached++ % CachedBlocks];
            block.Wanted = position;
            return block;
        }
    }

    /// <exception cref="InvalidDataException">Not the size of a block.</exception>
    public int StoredSize(uint sizeWord)
    {
        var size = sizeWord & ~SquashFsFormat.RawBlock;
        return size <= Superblock.BlockSizeBytes
            ? (int)size
            : throw Invalid($"size of a block is 0x{sizeWord:x}, blocks have {Superblock.BlockSizeBytes} bytes");
    }

    public static InvalidDataException Invalid(string reason) => new($"squashfs: {reason}");

    private static int DecompressGzip(ReadOnlySpan<byte> stored, Span<byte> plain)
    {
        using var stream = new ZLibStream(new MemoryStream(stored.ToArray()), CompressionMode.Decompress);
        var size = stream.ReadAtLeast(plain, plain.Length, throwOnEndOfStream: false);
        if (size == plain.Length && stream.ReadByte() >= 0)
            throw Invalid($"gzip block holds more than {plain.Length} bytes");
        return size;
    }

    private static string Name(SquashFsCompression compression) => Enum.IsDefined(compression)
        ? compression.ToString().ToLowerInvariant()
        : $"unknown method {(ushort)compression}";

    private sealed class CachedBlock
    {
        public const long Nothing = -1;

        public long Wanted { get; set; } = Nothing;
        public long Position { get; set; } = Nothing;
        public byte[]? Plain { get; set; }
        public int SizeBytes { get; set; }
    }
}
