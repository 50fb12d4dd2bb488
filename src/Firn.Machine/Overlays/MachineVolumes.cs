using System.Collections.Immutable;
using System.Globalization;
using Firn.Formats.Volumes;
using Firn.Linux.Block;
using Firn.Machine.Boot;

namespace Firn.Machine.Overlays;

/// <param name="Disk">Name of the disk it is on, or its own name.</param>
/// <param name="Device">Such as <c>/dev/sda1</c>.</param>
/// <param name="PartitionName">In the partition table; empty without one.</param>
/// <param name="Header">What the volume calls itself; null for what is not known.</param>
public sealed record MachineVolume(string Disk, string Device, string PartitionName, VolumeHeader? Header)
{
    public bool IsCalled(string label) =>
        PartitionName.Equals(label, StringComparison.OrdinalIgnoreCase)
        || (Header is { Label.Length: > 0 } header && header.Label.Equals(label, StringComparison.OrdinalIgnoreCase));
}

/// <summary>The disks and partitions that the kernel has found so far.</summary>
public static class MachineVolumes
{
    /// <summary>Memory, and what is not there without somebody who made it.</summary>
    private static readonly string[] Passed = ["ram", "zram", "loop", "dm-", "md", "nbd"];

    public static ImmutableArray<MachineVolume> List(MachinePaths paths)
    {
        if (!Directory.Exists(paths.BlockDevices)) return [];
        var volumes = ImmutableArray.CreateBuilder<MachineVolume>();
        foreach (var entry in Directory.GetFileSystemEntries(paths.BlockDevices).Order(StringComparer.Ordinal))
            if (!Passed.Any(Path.GetFileName(entry).StartsWith) && Volume(entry, paths) is { } volume) volumes.Add(volume);
        return volumes.ToImmutable();
    }

    private static MachineVolume? Volume(string entry, MachinePaths paths)
    {
        try
        {
            if (long.Parse(File.ReadAllText(Path.Combine(entry, "size")), CultureInfo.InvariantCulture) == 0) return null;
            var device = Path.Combine(paths.Devices, Path.GetFileName(entry));
            var partition = File.ReadLines(Path.Combine(entry, "uevent")).FirstOrDefault(line => line.StartsWith("PARTNAME=", StringComparison.Ordinal));
            var real = new DirectoryInfo(entry).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? entry;
            var disk = File.Exists(Path.Combine(real, "partition")) ? Path.GetFileName(Path.GetDirectoryName(real)!) : Path.GetFileName(real);
            return new(disk, device, partition?["PARTNAME=".Length..] ?? "", Header(device));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;    // pulled out meanwhile, or a drive without a medium
        }
    }

    private static VolumeHeader? Header(string device)
    {
        using var volume = BlockDevice.Open(device, BlockAccess.ReadOnly);
        var start = new byte[Math.Min(VolumeHeader.Size, volume.SizeBytes)];
        new BlockDeviceStream(volume).ReadExactly(start);
        return VolumeHeader.Read(start);
    }
}
