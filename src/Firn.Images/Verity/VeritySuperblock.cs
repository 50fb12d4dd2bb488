using System.Buffers.Binary;

namespace Firn.Images.Verity;

/// <summary>
/// What lies before a tree on the disk, for <c>veritysetup</c>: a machine does not read it, since it can be changed as easily as
/// the image. Format 1, <c>struct verity_sb</c> of cryptsetup's <c>lib/verity/verity.c</c>; integers are little endian.
/// </summary>
/// <param name="Id">Tells trees apart.</param>
/// <param name="DataBlocks">As <see cref="VerityRoot.DataBlocks"/>.</param>
/// <param name="Salt">At most 256 bytes.</param>
internal sealed record VeritySuperblock(Guid Id, long DataBlocks, byte[] Salt)
{
    private const int Version = 1, NormalHashType = 1;

    /// <summary>A whole block; the structure has 512 bytes, and zeros follow.</summary>
    public byte[] ToBytes()
    {
        var block = new byte[VerityTree.BlockBytes];
        var bytes = block.AsSpan();
        "verity"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], NormalHashType);
        Id.TryWriteBytes(bytes[16..], bigEndian: true, out _);
        "sha256"u8.CopyTo(bytes[32..]);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[64..], VerityTree.BlockBytes);    // of data
        BinaryPrimitives.WriteInt32LittleEndian(bytes[68..], VerityTree.BlockBytes);    // of hashes
        BinaryPrimitives.WriteInt64LittleEndian(bytes[72..], DataBlocks);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[80..], (ushort)Salt.Length);
        Salt.CopyTo(bytes[88..344]);
        return block;
    }
}
