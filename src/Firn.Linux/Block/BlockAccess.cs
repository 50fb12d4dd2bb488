namespace Firn.Linux.Block;

/// <summary>What a block device is opened for.</summary>
public enum BlockAccess
{
    ReadOnly,
    ReadWrite,

    /// <summary>Read and write, and nobody else may have it mounted or claimed. On an image file as ReadWrite.</summary>
    Exclusive,
}
