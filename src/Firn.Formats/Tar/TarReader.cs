using System.Collections.Immutable;
using Firn.Formats.Trees;

namespace Firn.Formats.Tar;

/// <summary>
/// Reads tar archives: Seventh Edition, ustar, GNU (long names, base-256 numbers, sparse files) and pax (extended
/// attributes as bytes, sparse formats 0.0, 0.1 and 1.0). Left out: multi-volume archives and incremental dumps.
/// Contents stay where they are; only headers are read.
/// </summary>
/// <remarks>POSIX.1-2017 pax; the manual of GNU tar, chapter "Tar Internals".</remarks>
public sealed class TarReader
{
    /// <summary>No name, link or set of attributes of a real file needs more.</summary>
    private const int MaximumExtensionBytes = 16 << 20;

    /// <summary>Squashfs needs four bytes for each block of a file, holes or not: a lie about the size is expensive.</summary>
    private const long MaximumSparseBytes = 1L << 40;

    private readonly Stream _archive;
    private readonly byte[] _block = new byte[TarHeader.Size];
    private readonly PaxRecords _global = new();
    private PaxRecords _local;
    private ByteString? _longName, _longLink;

    private TarReader(Stream archive)
    {
        if (!archive.CanSeek) throw new ArgumentException("a tar archive is read where it is, so it must be seekable", nameof(archive));
        _archive = archive;
        _local = new(_global);
    }

    /// <param name="archive">Seekable; read from its current position on.</param>
    /// <param name="content">Makes the content of a file from the offset and number of its bytes in the archive.</param>
    /// <exception cref="InvalidDataException">Not a tar archive, truncated, damaged, or hostile.</exception>
    public static FileTree Read(Stream archive, Func<long, long, FileContent> content)
    {
        var tree = new TarTree(new());
        foreach (var entry in Entries(archive)) tree.Add(entry, content);
        return tree.Tree;
    }

    /// <summary>The members in the order of the archive.</summary>
    /// <exception cref="InvalidDataException">As <see cref="Read"/>, when the member is reached.</exception>
    public static IEnumerable<TarEntry> Entries(Stream archive)
    {
        var reader = new TarReader(archive);
        while (reader.Next() is { } entry) yield return entry;
    }

    /// <summary>The next member, or null at the end-of-archive marker.</summary>
    private TarEntry? Next()
    {
        while (true)
        {
            var offset = _archive.Position;
            ReadBlock();
            var header = new TarHeader(_block, offset);
            if (header.IsZero) return End(offset);
            header.CheckSum();
            switch ((char)header.Type)
            {
                case 'L': _longName = UntilNul(ReadExtension(header.SizeBytes, offset)); break;
                case 'K': _longLink = UntilNul(ReadExtension(header.SizeBytes, offset)); break;
                case 'x': _local.Add(ReadExtension(header.SizeBytes, offset), offset); break;
                case 'g': _global.Add(ReadExtension(header.SizeBytes, offset), offset); break;
                case 'V': SkipData(header.SizeBytes, offset); break;    // the label of a volume is no member
                default: return Member(header, offset);
            }
        }
    }

    private TarEntry? End(long offset)
    {
        if (_longName is not null || _longLink is not null)
            throw new InvalidDataException($"tar: archive ends at offset {offset} where the member of an extension header should be");
        return null;
    }

    private TarEntry Member(TarHeader header, long offset)
    {
        var pax = _local;
        var name = pax.Text("GNU.sparse.name") ?? pax.Text("path") ?? _longName ?? header.Name;
        var size = pax.Number("size", offset) ?? header.SizeBytes;
        if (size < 0) throw new InvalidDataException($"tar: member at offset {offset} has a negative size");
        var entry = new TarEntry(name, offset)
        {
            LinkTarget = pax.Text("linkpath") ?? _longLink ?? header.LinkTarget,
            Mode = header.Mode,
            Uid = Id(pax, "uid", offset) ?? header.Uid,
            Gid = Id(pax, "gid", offset) ?? header.Gid,
            ModifiedSeconds = pax.Number("mtime", offset) ?? header.ModifiedSeconds,
            Attributes = pax.Attributes,
        };
        if (!_local.IsEmpty) _local = new(_global);
        (_longName, _longLink) = (null, null);

        // Only files have data, whatever the size field says: old tars wrote sizes for links and directories.
        switch ((char)header.Type)
        {
            case '\0' or '0' when name.Span.EndsWith("/"u8): return entry with { Kind = FileKind.Directory };    // Seventh Edition
            case '\0' or '0' or '7': return File(entry, pax, size);
            case 'S': return OldGnuSparse(entry, header, size);
            case '1': return entry with { IsHardLink = true };
            case '2': return entry with { Kind = FileKind.Symlink };
            case '3': return entry with { Kind = FileKind.CharacterDevice, Device = header.Device };
            case '4': return entry with { Kind = FileKind.BlockDevice, Device = header.Device };
            case '5': return entry with { Kind = FileKind.Directory };
            case '6': return entry with { Kind = FileKind.Fifo };
            case 'M': throw new InvalidDataException($"tar: member at offset {offset} continues from another volume, which is not supported");
            case 'D': throw new InvalidDataException($"tar: archive is an incremental dump, which is not supported");
            case var type: throw new InvalidDataException($"tar: member at offset {offset} has the unknown type 0x{(int)type:x2}");
        }
    }

    private TarEntry File(TarEntry entry, PaxRecords pax, long size)
    {
        var data = entry with { DataOffset = _archive.Position, DataSizeBytes = size, FileSizeBytes = size };
        if (pax.Value("GNU.sparse.major") is not null) return Sparse1(data, pax);
        if (pax.Value("GNU.sparse.map") is { } map)
            return Sparse(data, Numbers(map.Span, data.HeaderOffset), RealSize(pax, data));
        if (pax.SparseNumbers.Count > 0 || pax.Value("GNU.sparse.size") is not null)
            return Sparse(data, pax.SparseNumbers, RealSize(pax, data));
        SkipData(size, data.HeaderOffset);
        return data;
    }

    /// <summary>pax sparse format 1.0: the map stands before the data, as decimal numbers in lines, in whole blocks.</summary>
    private TarEntry Sparse1(TarEntry entry, PaxRecords pax)
    {
        if (pax.Number("GNU.sparse.major", entry.HeaderOffset) != 1 || pax.Number("GNU.sparse.minor", entry.HeaderOffset) != 0)
            throw Bad(entry, "is sparse in a format that is not known");
        var lines = new SparseLines(this, entry);
        var count = lines.Next();
        var numbers = new List<long>();
        for (long i = 0; i < count; i++)
        {
            numbers.Add(lines.Next());
            numbers.Add(lines.Next());
        }
        var used = _archive.Position - entry.DataOffset;
        return Sparse(
            entry with { DataOffset = _archive.Position, DataSizeBytes = entry.DataSizeBytes - used }, numbers, RealSize(pax, entry));
    }

    private TarEntry OldGnuSparse(TarEntry entry, TarHeader header, long size)
    {
        var segments = new List<TarSegment>();
        var realSize = header.SparseRealSize;
        for (var isExtended = header.ReadSegments(segments); isExtended;)
        {
            ReadBlock();
            isExtended = TarHeader.ReadSegments(_block, 0, 21, 504, entry.HeaderOffset, segments);
        }
        var data = entry with { DataOffset = _archive.Position, DataSizeBytes = size };
        return Sparse(data, [.. segments.SelectMany(segment => new[] { segment.Offset, segment.SizeBytes })], realSize);
    }

    private TarEntry Sparse(TarEntry entry, IReadOnlyList<long> numbers, long realSize)
    {
        if (realSize is < 0 or > MaximumSparseBytes)
            throw Bad(entry, $"is a sparse file of {realSize} bytes, at most {MaximumSparseBytes} are supported");
        if (numbers.Count % 2 != 0) throw Bad(entry, "has a sparse map with an offset but no size");
        var segments = ImmutableArray.CreateBuilder<TarSegment>(numbers.Count / 2);
        long end = 0, stored = 0;
        for (var i = 0; i < numbers.Count; i += 2)
        {
            var segment = new TarSegment(numbers[i], numbers[i + 1]);
            if (segment.Offset < end || segment.SizeBytes < 0 || segment.Offset > realSize || segment.SizeBytes > realSize - segment.Offset)
                throw Bad(entry, $"has a sparse map that is not in order or leaves the file: {segment.SizeBytes} bytes at {segment.Offset}");
            end = segment.Offset + segment.SizeBytes;
            stored += segment.SizeBytes;
            if (segment.SizeBytes > 0) segments.Add(segment);
        }
        if (stored != entry.DataSizeBytes)
            throw Bad(entry, $"has a sparse map of {stored} bytes for {entry.DataSizeBytes} bytes of data");
        SkipData(entry.DataSizeBytes, entry.HeaderOffset);
        return entry with { Kind = FileKind.File, Segments = segments.DrainToImmutable(), FileSizeBytes = realSize };
    }

    private static long RealSize(PaxRecords pax, TarEntry entry) =>
        pax.Number("GNU.sparse.realsize", entry.HeaderOffset) ?? pax.Number("GNU.sparse.size", entry.HeaderOffset)
            ?? throw Bad(entry, "is sparse but its size is missing");

    private static List<long> Numbers(ReadOnlySpan<byte> commaSeparated, long offset)
    {
        var numbers = new List<long>();
        foreach (var range in commaSeparated.Split((byte)','))
            numbers.Add(TarNumber.ReadDecimal(commaSeparated[range])
                ?? throw new InvalidDataException($"tar: member at offset {offset} has a sparse map that is not numbers"));
        return numbers;
    }

    private static uint? Id(PaxRecords pax, string key, long offset) => pax.Number(key, offset) switch
    {
        null => null,
        { } value when TarNumber.IsId(value) => (uint)value,
        { } value => throw new InvalidDataException($"tar: member at offset {offset} has {key} {value}, expected 0 to 2³²−2"),
    };

    private void ReadBlock()
    {
        var at = _archive.Position;
        var read = _archive.ReadAtLeast(_block, _block.Length, throwOnEndOfStream: false);
        if (read < _block.Length)
            throw new InvalidDataException(
                $"tar: archive is truncated: it ends at offset {at + read} without an end-of-archive marker");
    }

    private byte[] ReadExtension(long size, long offset)
    {
        if (size > MaximumExtensionBytes || size > _archive.Length - _archive.Position)
            throw new InvalidDataException($"tar: extension header at offset {offset} has an impossible size of {size} bytes");
        var data = new byte[size];
        _archive.ReadExactly(data);
        SkipPadding(size);
        return data;
    }

    private void SkipData(long size, long headerOffset)
    {
        if (size > _archive.Length - _archive.Position)
            throw new InvalidDataException(
                $"tar: archive is truncated: the member at offset {headerOffset} has {size} bytes of data, {_archive.Length - _archive.Position} are left");
        _archive.Position += size;
        SkipPadding(size);
    }

    private void SkipPadding(long size) =>
        _archive.Position = Math.Min(_archive.Length, _archive.Position + (TarHeader.Size - size % TarHeader.Size) % TarHeader.Size);

    private static ByteString UntilNul(ReadOnlySpan<byte> text) =>
        new(text.IndexOf((byte)0) is var end and >= 0 ? text[..end] : text);

    private static InvalidDataException Bad(TarEntry entry, string what) =>
        new($"tar: member '{entry.Name}' at offset {entry.HeaderOffset} {what}");

    /// <summary>The lines of a sparse map, block by block; the archive stands after the last block used.</summary>
    private sealed class SparseLines(TarReader reader, TarEntry entry)
    {
        private int _at = TarHeader.Size;

        public long Next()
        {
            long value = 0;
            for (var digits = 0; ; digits++)
            {
                if (_at == TarHeader.Size) NextBlock();
                var character = reader._block[_at++];
                if (character == '\n' && digits > 0) return value;
                if (character is < (byte)'0' or > (byte)'9' || digits == 18) throw Bad(entry, "has a sparse map that is not numbers");
                value = value * 10 + (character - '0');
            }
        }

        private void NextBlock()
        {
            if (reader._archive.Position - entry.DataOffset > entry.DataSizeBytes - TarHeader.Size)
                throw Bad(entry, "has a sparse map that does not fit its data");
            reader.ReadBlock();
            _at = 0;
        }
    }
}
