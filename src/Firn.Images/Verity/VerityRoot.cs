using System.Globalization;

namespace Firn.Images.Verity;

/// <summary>What a kernel must be told of an image to notice every byte that is not the one it was built with.</summary>
/// <param name="DataBlocks">Blocks of 4 KiB that are vouched for; the superblock of the tree is the next one.</param>
/// <param name="RootHash">SHA-256 that the whole tree comes down to, in lower-case hexadecimal.</param>
/// <param name="Salt">Hashed before every block, in lower-case hexadecimal.</param>
internal sealed record VerityRoot(long DataBlocks, string RootHash, string Salt)
{
    /// <summary>As the initramfs takes it apart.</summary>
    public string ToParameter() => string.Create(CultureInfo.InvariantCulture, $"firn.verity={DataBlocks}:{RootHash}:{Salt}");
}
