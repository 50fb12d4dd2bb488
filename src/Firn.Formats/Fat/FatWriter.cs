using System.Buffers.Binary;
using Firn.Formats.Trees;

namespace Firn.Formats.Fat;

/// <summary>
/// Writes FAT16 and FAT32 volumes with sectors of 512 bytes and VFAT long names, front to back, each file in one piece
/// and at a multiple of 4 KiB. Microsoft's FAT specification 1.03; case flags of short names as Windows NT and Linux have
/// them. FAT cannot keep owners, modes, links or times of their own: files and directories are what it takes.
/// </summary>
public static class FatWriter
{
    private const int BufferBytes = 1 << 20;

    /// <summary>The smallest size of a volume for these files.</summary>
    /// <exception cref="InvalidDataException">The tree holds what FAT cannot, or more than it can.</exception>
    public static long MinimumSizeBytes(FileTree files) => MinimumSizeBytes(files, null);

    /// <inheritdoc cref="MinimumSizeBytes(FileTree)"/>
    public static long MinimumSizeBytes(FileTree files, FatType? type) => MinimumSizeBytes(FatPlan.Of(files), type);

    /// <summary>Writes exactly <see cref="FatOptions.SizeBytes"/> from the stream's position on; never seeks.</summary>
    /// <exception cref="InvalidDataException">The tree holds what FAT cannot, or does not fit.</exception>
    /// <exception cref="ArgumentException">The options are not those of a FAT volume.</exception>
    public static void Write(FileTree files, FatOptions options, Stream volume)
    {
        ThrowIfImpossible(options);
        var root = FatPlan.Of(files);
        var geometry = FatGeometry.Choose(root, options.SizeBytes / FatGeometry.SectorBytes, options.Type)
            ?? throw new InvalidDataException(MinimumSizeBytes(root, options.Type) is var minimum && minimum > options.SizeBytes
                ? $"files need a FAT volume of {minimum} bytes, this one has {options.SizeBytes}"
                : $"a FAT volume of {options.SizeBytes} bytes cannot be {options.Type} with clusters of 4 KiB or less");

        var chains = Place(root, geometry);
        var end = chains.Count > 0 ? EndOf(chains[^1], geometry) : FatGeometry.FirstDataCluster;
        WriteReserved(volume, geometry, options, chains, end);
        var table = MakeTable(geometry, chains, end);
        for (var copy = 0; copy < FatGeometry.FatCount; copy++)
        {
            volume.Write(table);
            WriteZeros(volume, geometry.FatSectors * FatGeometry.SectorBytes - table.Length);
        }

        var dosTime = FatDirectoryEntry.DosTime(options.TimeStamp);
        if (geometry.Type == FatType.Fat16)
        {
            var directory = MakeDirectory(root, options.Label, dosTime);
            volume.Write(directory);
            WriteZeros(volume, geometry.RootSectors * FatGeometry.SectorBytes - directory.Length);
        }
        var cluster = FatGeometry.FirstDataCluster;
        foreach (var chain in chains)
        {
            WriteZeros(volume, (long)(chain.FirstCluster - cluster) * geometry.ClusterBytes);
            if (chain.Node.IsDirectory) volume.Write(MakeDirectory(chain, options.Label, dosTime));
            else WriteContent(volume, chain.Node.Content);
            WriteZeros(volume, ClustersOf(chain, geometry) * geometry.ClusterBytes - chain.SizeBytes);
            cluster = EndOf(chain, geometry);
        }
        var written = geometry.FirstDataSector * FatGeometry.SectorBytes
            + (long)(cluster - FatGeometry.FirstDataCluster) * geometry.ClusterBytes;
        WriteZeros(volume, options.SizeBytes - written);
    }

    private static long MinimumSizeBytes(FatPlan root, FatType? type) =>
        FatGeometry.Smallest(root, type) * FatGeometry.SectorBytes
        ?? throw new InvalidDataException("files are more than a FAT volume can hold");

    private static void ThrowIfImpossible(FatOptions options)
    {
        if (options.SizeBytes <= 0 || options.SizeBytes % FatGeometry.SectorBytes != 0)
            throw new ArgumentException(
                $"FAT volume of {options.SizeBytes} bytes: not a multiple of {FatGeometry.SectorBytes}");
        if (options.HiddenSectors is < 0 or > uint.MaxValue)
            throw new ArgumentException($"FAT volume behind {options.HiddenSectors} sectors: not a 32-bit number");
        if (options.Label.Length > 11 || options.Label.StartsWith(' ')
            || options.Label.Any(c => !(char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c is ' ' or '-' or '_')))
            throw new ArgumentException($"FAT label '{options.Label}': expected up to 11 of A-Z, 0-9, space, - and _");
    }

    /// <summary>Gives everything that needs clusters its first one; returns those in the order of their places.</summary>
    private static List<FatPlan> Place(FatPlan root, FatGeometry geometry)
    {
        var chains = root.Walk().Where(plan => plan.SizeBytes > 0 && geometry.HasClusters(plan)).ToList();
        long next = FatGeometry.FirstDataCluster;
        foreach (var chain in chains)
        {
            chain.FirstCluster = (uint)next;
            next += geometry.ClustersTaken(chain.SizeBytes);
        }
        return chains;
    }

    private static long ClustersOf(FatPlan chain, FatGeometry geometry) =>
        (chain.SizeBytes + geometry.ClusterBytes - 1) / geometry.ClusterBytes;

    private static uint EndOf(FatPlan chain, FatGeometry geometry) =>
        (uint)(chain.FirstCluster + ClustersOf(chain, geometry));

    private static void WriteReserved(
        Stream volume, FatGeometry geometry, FatOptions options, List<FatPlan> chains, uint nextFree)
    {
        var sectors = new byte[geometry.ReservedSectors * FatGeometry.SectorBytes];
        var boot = FatBootSector.Make(geometry, options);
        boot.CopyTo(sectors, 0);
        if (geometry.Type == FatType.Fat32)
        {
            var free = geometry.Clusters - chains.Sum(chain => ClustersOf(chain, geometry));
            FatBootSector.MakeInfo((uint)free, nextFree)
                .CopyTo(sectors, FatBootSector.InfoSector * FatGeometry.SectorBytes);
            boot.AsSpan(510).CopyTo(sectors.AsSpan(2 * FatGeometry.SectorBytes + 510));    // would be more boot code
            sectors.AsSpan(0, 3 * FatGeometry.SectorBytes)
                .CopyTo(sectors.AsSpan(FatBootSector.BackupSector * FatGeometry.SectorBytes));
        }
        volume.Write(sectors);
    }

    /// <summary>The part of a FAT up to the last cluster in use.</summary>
    private static byte[] MakeTable(FatGeometry geometry, List<FatPlan> chains, uint end)
    {
        const uint endOfChain = 0x0fffffff;
        var table = new byte[(long)end * geometry.FatEntryBytes];
        Set(0, 0x0ffffff8);    // the media byte, then ones
        Set(1, endOfChain);    // unmounted cleanly, no errors
        foreach (var chain in chains)
        {
            var last = chain.FirstCluster + (uint)ClustersOf(chain, geometry) - 1;
            for (var cluster = chain.FirstCluster; cluster < last; cluster++) Set(cluster, cluster + 1);
            Set(last, endOfChain);
        }
        return table;

        void Set(uint cluster, uint value)
        {
            var entry = table.AsSpan((int)(cluster * geometry.FatEntryBytes));
            if (geometry.Type == FatType.Fat32) BinaryPrimitives.WriteUInt32LittleEndian(entry, value);
            else BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)value);
        }
    }

    private static byte[] MakeDirectory(FatPlan directory, string label, uint dosTime)
    {
        var bytes = new byte[directory.SizeBytes];
        var offset = 0;
        if (directory.Parent is { } parent)
        {
            const byte attribute = FatDirectoryEntry.Directory;
            FatDirectoryEntry.Write(Next(), ".".PadRight(11), 0, attribute, directory.FirstCluster, 0, dosTime);
            var above = parent.Parent is null ? 0 : parent.FirstCluster;    // the root is 0 even where it has a cluster
            FatDirectoryEntry.Write(Next(), "..".PadRight(11), 0, attribute, above, 0, dosTime);
        }
        else if (label.Length > 0)
        {
            FatDirectoryEntry.Write(Next(), label.PadRight(11), 0, FatDirectoryEntry.VolumeLabel, 0, 0, dosTime);
        }
        foreach (var child in directory.Children)
        {
            FatDirectoryEntry.WriteLongName(Next(child.LongEntries), child.Name, child.ShortName);
            var (attributes, size) = child.Node.IsDirectory
                ? (FatDirectoryEntry.Directory, 0u)
                : (FatDirectoryEntry.Archive, (uint)child.SizeBytes);
            FatDirectoryEntry.Write(
                Next(), child.ShortName, child.CaseFlags, attributes, child.FirstCluster, size, dosTime);
        }
        return bytes;

        Span<byte> Next(int entries = 1)
        {
            var slice = bytes.AsSpan(offset, entries * FatDirectoryEntry.Size);
            offset += slice.Length;
            return slice;
        }
    }

    private static void WriteContent(Stream volume, FileContent content)
    {
        var buffer = new byte[Math.Min(BufferBytes, content.SizeBytes)];
        for (var offset = 0L; offset < content.SizeBytes; offset += buffer.Length)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, content.SizeBytes - offset));
            content.Read(offset, part);
            volume.Write(part);
        }
    }

    private static void WriteZeros(Stream volume, long count)
    {
        var zeros = new byte[Math.Min(BufferBytes, count)];
        for (; count > 0; count -= zeros.Length) volume.Write(zeros.AsSpan(0, (int)Math.Min(zeros.Length, count)));
    }
}
