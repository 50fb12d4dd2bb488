using System.Buffers.Binary;

namespace Firn.Formats.Fat;

/// <summary>The first file allocation table, read by the page: it may have a quarter of a billion entries.</summary>
internal sealed class FatTable(Stream stream, FatVolume volume)
{
    private const int PageBytes = 4096;
    private readonly byte[] _page = new byte[PageBytes];
    private long _pageNumber = -1;

    private int EntryBytes => volume.Type == FatType.Fat32 ? 4 : 2;
    private uint EndOfChain => volume.Type == FatType.Fat32 ? 0x0ffffff8 : 0xfff8u;

    /// <summary>
    /// Where a chain's clusters lie, those that follow each other as one extent. A chain is never longer than
    /// <paramref name="mostClusters"/>, so one that loops is found out.
    /// </summary>
    /// <exception cref="InvalidDataException">The chain is longer, or runs into what is no cluster or a free one.</exception>
    public List<FatExtent> Follow(uint firstCluster, long mostClusters, string path)
    {
        var extents = new List<FatExtent>();
        var cluster = firstCluster;
        for (var count = 1L; ; count++)
        {
            if (cluster < FatGeometry.FirstDataCluster || cluster > volume.LastCluster)
                throw new InvalidDataException($"{path}: cluster {cluster} is not on the FAT volume");
            if (count > mostClusters)
                throw new InvalidDataException(
                    $"{path}: more than the {mostClusters} clusters it can have on the FAT volume");
            Append(extents, new(volume.OffsetOf(cluster), volume.ClusterBytes));
            cluster = Next(cluster);
            if (cluster >= EndOfChain) return extents;
        }
    }

    private static void Append(List<FatExtent> extents, FatExtent next)
    {
        if (extents.Count > 0 && extents[^1] is var last && last.OffsetBytes + last.LengthBytes == next.OffsetBytes)
            extents[^1] = last with { LengthBytes = last.LengthBytes + next.LengthBytes };
        else extents.Add(next);
    }

    private uint Next(uint cluster)
    {
        var (pageNumber, offset) = Math.DivRem((long)cluster * EntryBytes, PageBytes);
        if (pageNumber != _pageNumber)
        {
            _pageNumber = -1;    // until it is read
            var start = volume.TableOffset + pageNumber * PageBytes;
            stream.Position = start;
            stream.ReadExactly(_page.AsSpan(0, (int)Math.Min(PageBytes, volume.ClustersOffset - start)));
            _pageNumber = pageNumber;
        }
        var entry = _page.AsSpan((int)offset);
        return volume.Type == FatType.Fat32
            ? BinaryPrimitives.ReadUInt32LittleEndian(entry) & 0x0fffffff    // the high four bits are reserved
            : BinaryPrimitives.ReadUInt16LittleEndian(entry);
    }
}
