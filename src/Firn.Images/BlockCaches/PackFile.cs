using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Firn.Images.BlockCaches;

/// <summary>
/// A file of records that never changes once it has its name <c>*.pack</c>: the records, their headers once more as an
/// index, and a footer. It can be deleted at any time; whoever has it open reads on.
/// </summary>
internal sealed class PackFile : IDisposable
{
    public const string Suffix = ".pack";
    private const int IndexEntryBytes = PackRecord.HeaderBytes - 8 + sizeof(long);
    private const int FooterBytes = 16 + BlockKey.SizeBytes;
    private const ulong Magic = 0x314b4341504e5246;    // "FRNPACK1"

    private readonly SafeFileHandle _file;
    private int _isUsed;

    private PackFile(string path, SafeFileHandle file, long sizeBytes) => (Path, _file, SizeBytes) = (path, file, sizeBytes);

    public string Path { get; }
    public long SizeBytes { get; }
    public List<(PackRecord Record, long Offset)> Records { get; } = [];

    /// <summary>Null when the file is no whole pack, or gone.</summary>
    public static PackFile? TryOpen(string path)
    {
        try
        {
            var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var pack = new PackFile(path, file, RandomAccess.GetLength(file));
            if (pack.ReadIndex()) return pack;
            pack.Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Someone else pruned it, or keeps it to himself.
        }
        return null;
    }

    /// <summary>The whole record at an offset; false when it is damaged or cannot be read.</summary>
    public bool TryRead(long offset, Span<byte> record)
    {
        try
        {
            return RandomAccess.Read(_file, record, offset) == record.Length && PackRecord.IsSealed(record);
        }
        catch (IOException)
        {
            return false;    // as over NFS, when another machine removed it
        }
    }

    /// <summary>Makes it the last one to be pruned: what goes first is what nobody used for longest.</summary>
    public void MarkUsed()
    {
        if (Interlocked.Exchange(ref _isUsed, 1) != 0) return;
        try
        {
            File.SetLastWriteTimeUtc(Path, TimeProvider.System.GetUtcNow().UtcDateTime);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A cache that may only be read, or a pack that is gone: it serves all the same.
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>What follows the records of a whole pack.</summary>
    public static byte[] Ending(IReadOnlyList<(PackRecord Record, long Offset)> records)
    {
        var ending = new byte[(long)records.Count * IndexEntryBytes + FooterBytes];
        for (var i = 0; i < records.Count; i++)
        {
            var entry = ending.AsSpan(i * IndexEntryBytes, IndexEntryBytes);
            records[i].Record.WriteTo(entry);
            BinaryPrimitives.WriteInt64LittleEndian(entry[^sizeof(long)..], records[i].Offset);
        }
        var footer = ending.AsSpan(^FooterBytes..);
        SHA256.HashData(ending.AsSpan(..^FooterBytes), footer);
        BinaryPrimitives.WriteInt64LittleEndian(footer[BlockKey.SizeBytes..], records.Count);
        BinaryPrimitives.WriteUInt64LittleEndian(footer[(BlockKey.SizeBytes + sizeof(long))..], Magic);
        return ending;
    }

    private bool ReadIndex()
    {
        Span<byte> footer = stackalloc byte[FooterBytes];
        if (SizeBytes < FooterBytes || RandomAccess.Read(_file, footer, SizeBytes - FooterBytes) != FooterBytes) return false;
        var count = BinaryPrimitives.ReadInt64LittleEndian(footer[BlockKey.SizeBytes..]);
        if (BinaryPrimitives.ReadUInt64LittleEndian(footer[(BlockKey.SizeBytes + sizeof(long))..]) != Magic
            || count < 0 || count > (SizeBytes - FooterBytes) / IndexEntryBytes || count * IndexEntryBytes > int.MaxValue) return false;
        var index = new byte[count * IndexEntryBytes];
        var end = SizeBytes - FooterBytes - index.Length;
        if (RandomAccess.Read(_file, index, end) != index.Length) return false;
        if (!SHA256.HashData(index).AsSpan().SequenceEqual(footer[..BlockKey.SizeBytes])) return false;
        Records.Capacity = (int)count;
        for (var at = 0; at < index.Length; at += IndexEntryBytes)
        {
            var offset = BinaryPrimitives.ReadInt64LittleEndian(index.AsSpan(at + IndexEntryBytes - sizeof(long)));
            if (PackRecord.Read(index.AsSpan(at)) is not { } record || offset < 0 || offset > end - record.RecordBytes) return false;
            Records.Add((record, offset));
        }
        return true;
    }
}
