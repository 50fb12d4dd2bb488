using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Firn.Formats.Gpt;
using Firn.Images.Content;
using Microsoft.Win32.SafeHandles;

namespace Firn.Images.Verity;

/// <summary>
/// The hash tree of dm-verity, behind the image it vouches for (Linux' <c>Documentation/admin-guide/device-mapper/verity.rst</c>).
/// 128 hashes make a block, which is hashed again, until one block is left; that one is the first of the tree:
/// <code>
/// image, padded | superblock | 1 block | … | hashes of hashes | hashes of the image
/// </code>
/// </summary>
internal static class VerityTree
{
    public const int BlockBytes = 4096;

    private const int HashBytes = SHA256.HashSizeInBytes;
    private const int HashesPerBlock = BlockBytes / HashBytes;

    /// <summary>Hashed by one thread at a time: 4 MiB, which become 8 blocks of the tree.</summary>
    private const int GroupBlocks = 8 * HashesPerBlock;

    /// <summary>The same for every version of an image, so that what stays the same keeps its hash: then updates are small.</summary>
    public static byte[] SaltOf(string imageName) => SHA256.HashData(Encoding.UTF8.GetBytes($"firn verity\0{imageName}"));

    /// <summary>Writes superblock and tree behind an image. Takes a few MiB of memory for each core, whatever the image's size.</summary>
    /// <param name="image">For reading and writing.</param>
    /// <param name="imageBytes">Whole blocks, at least one.</param>
    /// <param name="salt">Hashed before every block.</param>
    /// <param name="progress">Told how many bytes of the image are hashed.</param>
    public static VerityRoot Append(SafeFileHandle image, long imageBytes, byte[] salt, Action<long>? progress = null)
    {
        if (imageBytes <= 0 || imageBytes % BlockBytes != 0)
            throw new ArgumentException($"image of {imageBytes} bytes is not whole blocks", nameof(imageBytes));
        var (source, blocks) = (0L, imageBytes / BlockBytes);
        foreach (var level in Levels(blocks, imageBytes + BlockBytes))
        {
            HashLevel(image, source, blocks, level.Offset, salt, source == 0 ? progress : null);
            (source, blocks) = level;
        }
        var top = new byte[BlockBytes];
        OpenFile.ReadFully(image, source, top);
        var root = Convert.ToHexStringLower(SHA256.HashData([.. salt, .. top]));
        RandomAccess.Write(image, new VeritySuperblock(GptIds.Derive(root, "verity"), imageBytes / BlockBytes, salt).ToBytes(), imageBytes);
        return new(imageBytes / BlockBytes, root, Convert.ToHexStringLower(salt));
    }

    /// <summary>From the hashes of the image up to the block that is alone; none for an image of one block, whose hash is the root.</summary>
    private static IEnumerable<(long Offset, long Blocks)> Levels(long dataBlocks, long treeOffset)
    {
        var counts = new List<long>();
        for (var blocks = dataBlocks; blocks > 1; counts.Add(blocks)) blocks = (blocks + HashesPerBlock - 1) / HashesPerBlock;
        for (var i = 0; i < counts.Count; i++)
            yield return (treeOffset + counts.Skip(i + 1).Sum() * BlockBytes, counts[i]);
    }

    private static void HashLevel(SafeFileHandle image, long source, long blocks, long target, byte[] salt, Action<long>? progress)
    {
        long done = 0;
        Parallel.For(0, (blocks + GroupBlocks - 1) / GroupBlocks, group =>
        {
            var first = group * GroupBlocks;
            var count = (int)Math.Min(GroupBlocks, blocks - first);
            var plain = ArrayPool<byte>.Shared.Rent(GroupBlocks * BlockBytes);
            OpenFile.ReadFully(image, source + first * BlockBytes, plain.AsSpan(0, count * BlockBytes));
            RandomAccess.Write(image, HashBlocks(plain.AsSpan(0, count * BlockBytes), salt), target + first / HashesPerBlock * BlockBytes);
            ArrayPool<byte>.Shared.Return(plain);
            progress?.Invoke(Interlocked.Add(ref done, (long)count * BlockBytes));
        });
    }

    /// <summary>Whole blocks of hashes, the last one filled up with zeros.</summary>
    private static byte[] HashBlocks(ReadOnlySpan<byte> plain, byte[] salt)
    {
        var count = plain.Length / BlockBytes;
        var hashes = new byte[(count + HashesPerBlock - 1) / HashesPerBlock * BlockBytes];
        var salted = new byte[salt.Length + BlockBytes];
        salt.CopyTo(salted, 0);
        for (var i = 0; i < count; i++)
        {
            plain.Slice(i * BlockBytes, BlockBytes).CopyTo(salted.AsSpan(salt.Length));
            SHA256.HashData(salted, hashes.AsSpan(i * HashBytes, HashBytes));
        }
        return hashes;
    }
}
