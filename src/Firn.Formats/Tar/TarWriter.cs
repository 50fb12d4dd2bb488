using System.Text;
using Firn.Formats.Trees;

namespace Firn.Formats.Tar;

/// <summary>
/// Writes a tree as a pax archive (POSIX.1-2017), names in byte order: the same tree is the same bytes. Extension
/// headers are written only where the ustar header has no place. Left out: sparse files are written with their zeros,
/// and sockets, which tar cannot hold, are not written.
/// </summary>
public sealed class TarWriter
{
    private const long MaximumOctal7 = 0x1fffff, MaximumOctal11 = 0x1ffffffff;

    private readonly Stream _archive;
    private readonly Dictionary<FileNode, byte[]> _written = [];
    private readonly byte[] _buffer = new byte[128 << 10];

    private TarWriter(Stream archive) => _archive = archive;

    /// <param name="archive">Written from its position on, never sought.</param>
    /// <param name="isWanted">Whether a node goes into the archive; one that does not takes what is below with it.</param>
    public static void Write(FileTree tree, Stream archive, Func<FileNode, bool>? isWanted = null)
    {
        var writer = new TarWriter(archive);
        writer.WriteNode("./"u8.ToArray(), tree.Root);
        writer.WriteChildren("./"u8.ToArray(), tree.Root, isWanted ?? (_ => true));
        archive.Write(new byte[2 * TarHeader.Size]);
    }

    private void WriteChildren(byte[] prefix, FileNode directory, Func<FileNode, bool> isWanted)
    {
        foreach (var (name, node) in directory.Children)
        {
            if (node.Kind == FileKind.Socket || !isWanted(node)) continue;
            byte[] path = node.IsDirectory ? [.. prefix, .. name.Span, (byte)'/'] : [.. prefix, .. name.Span];
            WriteNode(path, node);
            if (node.IsDirectory) WriteChildren(path, node, isWanted);
        }
    }

    private void WriteNode(byte[] path, FileNode node)
    {
        if (!node.IsDirectory && !_written.TryAdd(node, path))
        {
            WriteHeader((byte)'1', path, node, _written[node], sizeBytes: 0);
            return;
        }
        var size = node.Kind == FileKind.File ? node.Content.SizeBytes : 0;
        WriteHeader(TypeOf(node.Kind), path, node, node.LinkTarget.Span, size);
        WriteContent(node.Content, size);
    }

    private void WriteHeader(byte type, ReadOnlySpan<byte> path, FileNode node, ReadOnlySpan<byte> link, long sizeBytes)
    {
        WriteExtensions(type, path, node, link, sizeBytes);
        Span<byte> header = stackalloc byte[TarHeader.Size];
        header.Clear();
        Start(path, 100).CopyTo(header);
        Octal(header.Slice(100, 8), node.Mode);
        Octal(header.Slice(108, 8), Fits(node.Uid, MaximumOctal7));
        Octal(header.Slice(116, 8), Fits(node.Gid, MaximumOctal7));
        Octal(header.Slice(124, 12), Fits(sizeBytes, MaximumOctal11));
        Octal(header.Slice(136, 12), Fits(node.ModifiedSeconds, MaximumOctal11));
        header[156] = type;
        Start(link, 100).CopyTo(header[157..]);
        Octal(header.Slice(329, 8), node.Device.Major);
        Octal(header.Slice(337, 8), node.Device.Minor);
        Finish(header);
    }

    /// <summary>Sums up a header whose other fields are in place, and writes it.</summary>
    private void Finish(Span<byte> header)
    {
        "ustar\0"u8.CopyTo(header[257..]);
        "00"u8.CopyTo(header[263..]);
        header.Slice(148, 8).Fill((byte)' ');
        long sum = 0;
        foreach (var octet in header) sum += octet;
        Octal(header.Slice(148, 7), sum);    // six digits and NUL; the space after it stays
        _archive.Write(header);
    }

    private void WriteExtensions(byte type, ReadOnlySpan<byte> path, FileNode node, ReadOnlySpan<byte> link, long sizeBytes)
    {
        using var records = new MemoryStream();
        if (path.Length > 100) Add(records, "path"u8, path);
        if (link.Length > 100) Add(records, "linkpath"u8, link);
        if (node.Uid > MaximumOctal7) Add(records, "uid"u8, Encoding.ASCII.GetBytes($"{node.Uid}"));
        if (node.Gid > MaximumOctal7) Add(records, "gid"u8, Encoding.ASCII.GetBytes($"{node.Gid}"));
        if (sizeBytes > MaximumOctal11) Add(records, "size"u8, Encoding.ASCII.GetBytes($"{sizeBytes}"));
        if (node.ModifiedSeconds is < 0 or > MaximumOctal11) Add(records, "mtime"u8, Encoding.ASCII.GetBytes($"{node.ModifiedSeconds}"));
        if (type != '1')
            foreach (var attribute in node.Attributes)
                Add(records, [.. "SCHILY.xattr."u8, .. attribute.Name.Span], attribute.Value.AsSpan());
        if (records.Length == 0) return;

        Span<byte> header = stackalloc byte[TarHeader.Size];
        header.Clear();
        "././@PaxHeader"u8.CopyTo(header);
        Octal(header.Slice(100, 8), 0x1a4);
        Octal(header.Slice(108, 8), 0);
        Octal(header.Slice(116, 8), 0);
        Octal(header.Slice(124, 12), records.Length);
        Octal(header.Slice(136, 12), 0);
        header[156] = (byte)'x';
        Finish(header);
        _archive.Write(records.GetBuffer(), 0, (int)records.Length);
        Pad(records.Length);
    }

    /// <summary>The length of a record counts its own digits.</summary>
    private static void Add(MemoryStream records, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var rest = key.Length + value.Length + 3;    // space, equals sign, line feed
        var length = rest + 1;
        while (rest + $"{length}".Length != length) length = rest + $"{length}".Length;
        records.Write(Encoding.ASCII.GetBytes($"{length} "));
        records.Write(key);
        records.Write("="u8);
        records.Write(value);
        records.Write("\n"u8);
    }

    private void WriteContent(FileContent content, long size)
    {
        for (long offset = 0; offset < size;)
        {
            var part = _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, size - offset));
            content.Read(offset, part);
            _archive.Write(part);
            offset += part.Length;
        }
        Pad(size);
    }

    private void Pad(long size)
    {
        Span<byte> zeros = stackalloc byte[TarHeader.Size];
        zeros.Clear();
        _archive.Write(zeros[..(int)((TarHeader.Size - size % TarHeader.Size) % TarHeader.Size)]);
    }

    /// <summary>A number that has no place in its field stands in an extension header; the field is zero then.</summary>
    private static long Fits(long value, long maximum) => value >= 0 && value <= maximum ? value : 0;

    private static ReadOnlySpan<byte> Start(ReadOnlySpan<byte> text, int length) => text.Length > length ? text[..length] : text;

    /// <summary>Octal digits that fill the field up to a NUL at its end.</summary>
    private static void Octal(Span<byte> field, long value)
    {
        for (var i = field.Length - 2; i >= 0; i--, value >>= 3) field[i] = (byte)('0' + (value & 7));
        field[^1] = 0;
    }

    private static byte TypeOf(FileKind kind) => (byte)(kind switch
    {
        FileKind.File => '0',
        FileKind.Symlink => '2',
        FileKind.CharacterDevice => '3',
        FileKind.BlockDevice => '4',
        FileKind.Directory => '5',
        FileKind.Fifo => '6',
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    });
}
