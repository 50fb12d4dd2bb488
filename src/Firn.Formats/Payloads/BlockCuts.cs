using Firn.Formats.Fat;
using Firn.Formats.SquashFs;

namespace Firn.Formats.Payloads;

/// <summary>Where images are cut into blocks.</summary>
public static class BlockCuts
{
    /// <summary>The longest block that is made; a squashfs block has at most as many.</summary>
    public const int LongestBytes = SquashFsOptions.MaximumBlockSizeBytes;

    /// <summary>Of the tree of dm-verity behind a squashfs: one changes for each part of the filesystem that does.</summary>
    public const int TreeBlockBytes = 4096;

    /// <summary>Of a file in a FAT image.</summary>
    public const int FilePieceBytes = 128 << 10;

    /// <summary>
    /// A squashfs image at its blocks: of files, shared ones, and of metadata. What is between them (gaps, tables of
    /// positions) becomes blocks of its own; so does each block of a tree of dm-verity behind them.
    /// </summary>
    /// <exception cref="InvalidDataException">The image is damaged.</exception>
    public static IEnumerable<long> OfSquashFs(SquashFsReader image) =>
        SquashFsBlocks.Read(image).SelectMany(block => new[] { block.Offset, block.End }).Append(SquashFsReader.SuperblockBytes).Concat(Behind(image));

    private static IEnumerable<long> Behind(SquashFsReader image)
    {
        for (var offset = image.Superblock.PaddedBytes; offset < image.SizeBytes; offset += TreeBlockBytes) yield return offset;
    }

    /// <summary>A FAT image every 128 KiB of each file of its root directory, from the file's beginning.</summary>
    /// <param name="image">Seekable, over the image alone.</param>
    /// <exception cref="InvalidDataException">The image is damaged.</exception>
    public static IEnumerable<long> OfFat(Stream image)
    {
        var reader = new FatReader(image);
        var cuts = new List<long>();
        foreach (var file in reader.List("").Where(entry => !entry.IsDirectory))
            foreach (var extent in reader.Extents(file))
            {
                for (long piece = 0; piece < extent.LengthBytes; piece += FilePieceBytes) cuts.Add(extent.OffsetBytes + piece);
                cuts.Add(extent.OffsetBytes + extent.LengthBytes);
            }
        return cuts;
    }

    /// <summary>The ends of blocks: at the cuts, and where one would be longer than <see cref="LongestBytes"/>.</summary>
    internal static IEnumerable<long> Split(IEnumerable<long> cuts, long sizeBytes)
    {
        long offset = 0;
        foreach (var cut in new SortedSet<long>(cuts) { sizeBytes })
        {
            if (cut > sizeBytes) yield break;
            while (offset < cut) yield return offset = Math.Min(cut, offset + LongestBytes);
        }
    }
}
