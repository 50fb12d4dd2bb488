namespace Firn.Linux.Block;

/// <summary>What a block device is opened for.</summary>
public enum BlockAccess
{
    ReadOnly,
    ReadWrite,

    /// <summary>Read and write, and nobody else may have it mounted or claimed. On an image file as ReadWrite.</summary>
    Exclusive,

    /// <summary>As ReadOnly, and what is read stays out of the page cache, where it would drive out what runs.</summary>
    ReadOnlyDirect,

    /// <summary>As Exclusive, and so does what is written in whole pages from <see cref="Memory.MappedMemory"/>.</summary>
    ExclusiveDirect,
}
