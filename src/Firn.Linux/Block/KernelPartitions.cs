using Firn.Linux.Interop;

namespace Firn.Linux.Block;

/// <summary>Tells the kernel of partitions one by one, which works while others on the same disk are mounted.</summary>
public static class KernelPartitions
{
    private const int AddOperation = 1, ResizeOperation = 3;    // BLKPG_*_PARTITION, <linux/blkpg.h>

    /// <summary>Makes a partition known; its device appears.</summary>
    public static void Add(BlockDevice disk, int number, long startBytes, long lengthBytes) =>
        Change(disk, AddOperation, number, startBytes, lengthBytes);

    /// <summary>Changes the length of a partition, mounted or not.</summary>
    public static void Resize(BlockDevice disk, int number, long startBytes, long lengthBytes) =>
        Change(disk, ResizeOperation, number, startBytes, lengthBytes);

    private static unsafe void Change(BlockDevice disk, int operation, int number, long startBytes, long lengthBytes)
    {
        var partition = new BlkpgPartition { StartBytes = startBytes, LengthBytes = lengthBytes, Number = number };
        var argument = new BlkpgArgument
        {
            Operation = operation,
            DataLength = sizeof(BlkpgPartition),
            Data = (nint)(&partition),
        };
        SystemCall.Check(
            Libc.Ioctl(disk.Handle, Libc.BlockPartition, ref argument), "BLKPG", $"partition {number} of {disk.Name}");
    }
}
