using Firn.Formats.Boot;
using Firn.Formats.Gpt;
using Firn.Linux.Block;
using Firn.Machine.Boot;

namespace Firn.Machine.Data;

/// <summary>
/// Makes the data partition ready to be mounted: as large as the disk allows, with a filesystem as large as itself. Can
/// lose power anywhere and is simply run again.
/// </summary>
public static class DataPreparation
{
    private static readonly TimeSpan DevicePatience = TimeSpan.FromSeconds(5);

    /// <param name="path">The whole disk: a device, or an image file (then no kernel is told of anything).</param>
    /// <exception cref="RefusedException">The partition holds unknown data, or there is no room for one.</exception>
    /// <exception cref="InvalidDataException">The disk has no valid partition table.</exception>
    /// <exception cref="IOException">A tool failed, or the disk did.</exception>
    public static DataPrepareResult Run(string path)
    {
        using var disk = BlockDevice.Open(path, BlockAccess.ReadWrite);
        if (disk.IsFile && path.Contains('?'))
            throw new RefusedException($"{path}: e2fsprogs cannot use image files with a question mark in the name");
        if (!disk.TryLock()) throw new RefusedException($"{path}: another program is changing this disk now; try again when that has ended");

        var table = DiskTable.Read(disk);
        var wanted = DataTable.Plan(table, disk.SizeBytes / GptTable.SectorBytes);
        var before = table.Find(DiskLayout.DataPartition);
        var after = wanted.Find(DiskLayout.DataPartition)!;

        // looked at before anything is changed, and by its old size, which is where its marker would be
        var isBlank = before is not null && Filesystem(disk, before).Examine() is null;
        TableWriter.Write(wanted, disk);
        if (!disk.IsFile) TellKernel(disk, after);

        var filesystem = Filesystem(disk, after);
        var found = isBlank ? null : filesystem.Examine();
        var wasGrown = found is not null && filesystem.Grow(found);
        if (found is null) filesystem.Format();
        return new(
            filesystem.Name, after.SizeBytes, before is null,
            before is not null && after.LastSector > before.LastSector, found is null, wasGrown);
    }

    /// <summary>
    /// A partition the kernel knows of is read through its own device: what is cached of the whole disk can be older. And
    /// exclusively, so that one that is mounted is never touched.
    /// </summary>
    private static DataFilesystem Filesystem(BlockDevice disk, GptPartition partition) =>
        !disk.IsFile && FindDevice(disk.Name, partition.Number) is { } device
            ? new(device, 0, partition, () => BlockDevice.Open(device, BlockAccess.Exclusive))
            : new(disk.Name, partition.OffsetBytes, partition, () => new BlockDeviceSlice(
                disk, $"{disk.Name}:{partition.Name}", partition.OffsetBytes, partition.SizeBytes));

    private static void TellKernel(BlockDevice disk, GptPartition partition)
    {
        if (FindDevice(disk.Name, partition.Number) is { } known)
        {
            using var device = BlockDevice.Open(known, BlockAccess.ReadOnly);
            if (device.SizeBytes != partition.SizeBytes)
                KernelPartitions.Resize(disk, partition.Number, partition.OffsetBytes, partition.SizeBytes);
            return;
        }
        KernelPartitions.Add(disk, partition.Number, partition.OffsetBytes, partition.SizeBytes);
        for (var end = Environment.TickCount64 + DevicePatience.TotalMilliseconds; Environment.TickCount64 < end; Thread.Sleep(20))
            if (FindDevice(disk.Name, partition.Number) is { } added && File.Exists(added)) return;
        throw new IOException($"{disk.Name}: the device of partition {partition.Number} did not appear");
    }

    private static string? FindDevice(string disk, int number)
    {
        var name = Path.GetFileName(new FileInfo(disk).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? disk);
        var directory = Path.Combine("/sys/class/block", name);
        if (!Directory.Exists(directory)) return null;
        return Directory.GetDirectories(directory)
            .Where(part => File.Exists(Path.Combine(part, "partition")))
            .Where(part => File.ReadAllText(Path.Combine(part, "partition")).Trim() == $"{number}")
            .Select(part => Path.Combine("/dev", Path.GetFileName(part)))
            .FirstOrDefault();
    }
}
