namespace Firn.Formats.Fat;

/// <summary>
/// Reads FAT16 and FAT32 volumes: Microsoft's FAT specification 1.03. FAT12 is left out. Names are found without regard
/// to case. Not for several threads at once.
/// </summary>
/// <remarks>Nothing is kept but a page of the FAT: what others change on the volume is seen at the next call.</remarks>
public sealed class FatReader
{
    private const int MaximumDirectoryBytes = 65536 * FatDirectoryEntry.Size;

    private readonly Stream _stream;
    private readonly FatVolume _volume;

    /// <param name="volume">Seekable, over the volume alone; stays open. May be longer than the volume says it is.</param>
    /// <exception cref="InvalidDataException">Not a FAT16 or FAT32 volume.</exception>
    public FatReader(Stream volume)
    {
        if (volume.Length < FatVolume.BootSectorBytes)
            throw new InvalidDataException($"FAT volume of {volume.Length} bytes has no boot sector");
        _stream = volume;
        _volume = FatVolume.Read(ReadAt(0, FatVolume.BootSectorBytes), volume.Length);
    }

    public FatType Type => _volume.Type;

    /// <summary>What the volume says; what it lies in may be longer.</summary>
    public long SizeBytes => _volume.SizeBytes;

    /// <summary>The file or directory at a path such as <c>EFI/BOOT/BOOTX64.EFI</c>, or null.</summary>
    /// <exception cref="InvalidDataException">A directory on the way is damaged.</exception>
    public FatEntry? Find(string path)
    {
        var entry = Root;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!entry.IsDirectory) return null;
            var prefix = Prefix(entry);
            var wanted = ListEntries(entry).Find(
                child => child.Path.AsSpan(prefix.Length).Equals(name, StringComparison.OrdinalIgnoreCase));
            if (wanted is null) return null;
            entry = wanted;
        }
        return entry;
    }

    /// <summary>What is in a directory, in the order of its entries; the root is the empty path.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="InvalidDataException">The directory or one on the way is damaged.</exception>
    public IEnumerable<FatEntry> List(string directory) => Find(directory) is { IsDirectory: true } entry
        ? ListEntries(entry)
        : throw new DirectoryNotFoundException($"{directory}: no such directory on the FAT volume");

    /// <summary>Where the bytes of a file lie on the volume, exactly as many as it has.</summary>
    /// <exception cref="InvalidDataException">Its chain of clusters does not match its size.</exception>
    public IReadOnlyList<FatExtent> Extents(FatEntry file)
    {
        if (file.IsDirectory) throw new ArgumentException($"{file.Path} is a directory", nameof(file));
        if (file.SizeBytes == 0) return [];
        var clusters = (file.SizeBytes + _volume.ClusterBytes - 1) / _volume.ClusterBytes;
        var extents = new FatTable(_stream, _volume).Follow(file.FirstCluster, clusters, file.Path);
        var spare = extents.Sum(extent => extent.LengthBytes) - file.SizeBytes;
        if (spare < 0)
            throw new InvalidDataException($"{file.Path}: too few clusters for {file.SizeBytes} bytes on the FAT volume");
        extents[^1] = extents[^1] with { LengthBytes = extents[^1].LengthBytes - spare };
        return extents;
    }

    /// <summary>Fills all of <paramref name="destination"/> with the bytes of a file from an offset on.</summary>
    /// <exception cref="EndOfStreamException">The file has fewer bytes.</exception>
    /// <exception cref="InvalidDataException">Its chain of clusters does not match its size.</exception>
    public void Read(FatEntry file, long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (offset > file.SizeBytes - destination.Length)
            throw new EndOfStreamException(
                $"{file.Path}: {file.SizeBytes} bytes do not reach {offset} + {destination.Length}");
        foreach (var extent in Extents(file))
        {
            if (destination.IsEmpty) return;
            if (offset < extent.LengthBytes)
            {
                var count = (int)Math.Min(destination.Length, extent.LengthBytes - offset);
                _stream.Position = extent.OffsetBytes + offset;
                _stream.ReadExactly(destination[..count]);
                destination = destination[count..];
            }
            offset = Math.Max(0, offset - extent.LengthBytes);
        }
    }

    /// <exception cref="InvalidDataException">The file is larger than <paramref name="limitBytes"/>, or damaged.</exception>
    public byte[] ReadAll(FatEntry file, int limitBytes)
    {
        if (file.SizeBytes > limitBytes)
            throw new InvalidDataException($"{file.Path} has {file.SizeBytes} bytes, expected at most {limitBytes}");
        var bytes = new byte[file.SizeBytes];
        Read(file, 0, bytes);
        return bytes;
    }

    private FatEntry Root => new("", true, 0, _volume.RootCluster);

    private static string Prefix(FatEntry directory) => directory.Path.Length > 0 ? $"{directory.Path}/" : "";

    private List<FatEntry> ListEntries(FatEntry directory) =>
        FatDirectoryReader.Read(ReadDirectory(directory), Prefix(directory));

    private byte[] ReadDirectory(FatEntry directory)
    {
        if (directory.Path.Length == 0 && _volume.Type == FatType.Fat16)
            return ReadAt(_volume.RootOffset, _volume.RootBytes);
        var most = Math.Max(1, MaximumDirectoryBytes / _volume.ClusterBytes);
        var extents = new FatTable(_stream, _volume).Follow(directory.FirstCluster, most, $"directory '{directory.Path}'");
        return [.. extents.SelectMany(extent => ReadAt(extent.OffsetBytes, (int)extent.LengthBytes))];
    }

    private byte[] ReadAt(long offset, int count)
    {
        var bytes = new byte[count];
        _stream.Position = offset;
        _stream.ReadExactly(bytes);
        return bytes;
    }
}
