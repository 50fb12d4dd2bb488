using System.Globalization;
using Firn.Formats.Boot;
using Firn.Formats.Fat;
using Firn.Formats.Releases;
using Firn.Linux.Block;
using Firn.Machine.Updates;

namespace Firn.Machine.Boot;

/// <summary>Reads what the slots of a disk hold.</summary>
public sealed class SlotStore(MachineDisk disk)
{
    private const int ReleaseLimitBytes = 64 << 10;

    /// <summary>The slots the disk has partitions for.</summary>
    public IEnumerable<Slot> Slots => Enum.GetValues<Slot>().Where(slot => disk.HasPartition(DiskLayout.BootPartition(slot)));

    public SlotReport Report(Slot slot, int install)
    {
        using var boot = disk.OpenPartition(DiskLayout.BootPartition(slot), BlockAccess.ReadOnly);
        using var root = disk.OpenPartition(DiskLayout.RootPartition(slot), BlockAccess.ReadOnly);
        try
        {
            return new(slot, install, ReadRelease(boot, root.SizeBytes), null, boot.SizeBytes, root.SizeBytes);
        }
        catch (InvalidDataException error)
        {
            return new(slot, install, null, error.Message, boot.SizeBytes, root.SizeBytes);
        }
    }

    /// <exception cref="InvalidDataException">The boot image cannot be read or lacks something that booting needs.</exception>
    public SlotRelease ReadRelease(Slot slot)
    {
        using var boot = disk.OpenPartition(DiskLayout.BootPartition(slot), BlockAccess.ReadOnly);
        using var root = disk.OpenPartition(DiskLayout.RootPartition(slot), BlockAccess.ReadOnly);
        return ReadRelease(boot, root.SizeBytes);
    }

    /// <summary>Reads the whole root image and compares it with what the boot image says of it.</summary>
    /// <exception cref="RefusedException">The slot is empty, half-written or damaged.</exception>
    public SlotRelease CheckComplete(Slot slot, CancellationToken cancellation)
    {
        try
        {
            var release = ReadRelease(slot);
            using var root = disk.OpenPartition(DiskLayout.RootPartition(slot), BlockAccess.ReadOnly);
            var found = DeviceHash.Sha256(root, release.RootSizeBytes, null, cancellation);
            return found == release.RootSha256
                ? release
                : throw new InvalidDataException($"{root.Name}: root image has SHA-256 {found}, expected {release.RootSha256}");
        }
        catch (InvalidDataException error)
        {
            throw new RefusedException($"slot {slot.Name()} holds no complete system: {error.Message}");
        }
    }

    /// <summary>Whether a slot says that it holds a release, asleep or awake. Cheap: nothing is compared.</summary>
    internal bool Holds(Slot slot, ReleaseManifest release)
    {
        using var boot = disk.OpenPartition(DiskLayout.BootPartition(slot), BlockAccess.ReadOnly);
        using var root = disk.OpenPartition(DiskLayout.RootPartition(slot), BlockAccess.ReadOnly);
        try
        {
            return ReadRelease(SleepingImage.View(boot), root.SizeBytes).RootSha256 == release.Root.Sha256;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static SlotRelease ReadRelease(IBlockDevice boot, long rootPartitionBytes)
    {
        try
        {
            if (SleepingImage.IsAsleep(boot)) throw new InvalidDataException("it is asleep: its install was not finished, or only downloaded");
            var fat = new FatReader(new BlockDeviceStream(boot));
            foreach (var name in new[] { DiskLayout.Kernel, DiskLayout.Initramfs, DiskLayout.SlotConfig })
                if (fat.Find(name) is not { IsDirectory: false, SizeBytes: > 0 })
                    throw new InvalidDataException($"{name} is missing");
            var entry = fat.Find(DiskLayout.SlotRelease)
                ?? throw new InvalidDataException($"{DiskLayout.SlotRelease} is missing");
            return Check(SlotRelease.Read(fat.ReadAll(entry, ReleaseLimitBytes)), rootPartitionBytes);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{boot.Name}: {error.Message}", error);
        }
    }

    private static SlotRelease Check(SlotRelease release, long rootPartitionBytes)
    {
        if (release.Format != ReleaseManifest.CurrentFormat)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"{DiskLayout.SlotRelease} has format {release.Format}, this firn understands {ReleaseManifest.CurrentFormat}"));
        if (release.RootSizeBytes <= 0 || release.RootSizeBytes > rootPartitionBytes)
            throw new InvalidDataException(
                $"{DiskLayout.SlotRelease}: root image of {release.RootSizeBytes} bytes in a partition of {rootPartitionBytes}");
        if (release.RootSha256.Length != 64 || !release.RootSha256.All(char.IsAsciiHexDigitLower))
            throw new InvalidDataException($"{DiskLayout.SlotRelease}: rootSha256 must be 64 lower-case hexadecimal digits");
        foreach (var text in new[] { release.Name, release.Version, release.Hardware })
            if (text.Length is 0 or > 128 || text.Any(c => c is < '!' or > '~'))
                throw new InvalidDataException($"{DiskLayout.SlotRelease}: name, version and hardware must be printable");
        return release;
    }
}
