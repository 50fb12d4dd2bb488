using Firn.Formats.Fat;
using Firn.Formats.Payloads;
using Firn.Formats.SquashFs;
using Firn.Formats.Trees;
using Firn.Images.Content;

namespace Firn.Images.Deltas;

/// <summary>An image whose blocks and files are known.</summary>
/// <param name="Bytes">As stored.</param>
/// <param name="Index">Its blocks.</param>
/// <param name="BlockBytes">The most that a block has when it is decompressed.</param>
/// <param name="Blocks">What is known of blocks: how they are stored, and what they hold of files.</param>
/// <param name="Files">By path.</param>
public sealed record PackImage(
    FileContent Bytes, BlockIndex Index, int BlockBytes, IReadOnlyList<StoredBlock> Blocks, IReadOnlyList<(string Path, FileContent Content)> Files)
{
    /// <exception cref="InvalidDataException">The image is damaged.</exception>
    public static PackImage OfSquashFs(FileContent bytes, BlockIndex index, SquashFsReader reader) => new(
        bytes, index, reader.Superblock.BlockSizeBytes, SquashFsBlocks.Read(reader),
        [.. reader.ReadTree().Walk().Where(entry => entry.Node.Content is SquashFsContent).Select(entry => (entry.Path, entry.Node.Content))]);

    /// <summary>A boot image: its blocks are as they are, and those of a file begin where it begins.</summary>
    /// <exception cref="InvalidDataException">The image is damaged.</exception>
    public static PackImage OfFat(FileContent bytes, BlockIndex index)
    {
        var reader = new FatReader(new ContentStream(bytes));
        var files = new List<(string Path, FileContent Content)>();
        var blocks = new List<StoredBlock>();
        foreach (var entry in reader.List("").Where(entry => !entry.IsDirectory))
        {
            if (reader.Extents(entry) is not [var extent]) continue;    // ours lie in a row
            var content = new ContentSlice(bytes, extent.OffsetBytes, extent.LengthBytes);
            files.Add((entry.Path, content));
            blocks.AddRange(
                from block in index.Blocks
                where block.Offset >= extent.OffsetBytes && block.End <= extent.OffsetBytes + extent.LengthBytes
                select new StoredBlock(
                    block.Offset, block.Length, StoredKind.Raw, [new(entry.Path, content, block.Offset - extent.OffsetBytes, 0, block.Length)]));
        }
        return new(bytes, index, BlockCuts.FilePieceBytes, blocks, files);
    }
}
