using Firn.Formats.Fat;
using Firn.Linux.Block;
using Firn.Linux.Mounts;

namespace Firn.Machine.Overlays;

/// <summary>Files of a volume that is not mounted. FAT is read without the kernel, so that no driver is needed for it.</summary>
public sealed class VolumeFiles : IDisposable
{
    private readonly Mount? _mount;
    private readonly BlockDevice? _device;
    private readonly FatReader? _fat;

    private VolumeFiles(Mount mount) => _mount = mount;

    private VolumeFiles(BlockDevice device) => (_device, _fat) = (device, new(new BlockDeviceStream(device)));

    /// <param name="mounts">A directory in which it may be mounted for a while.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or of no kind that is known.</exception>
    public static VolumeFiles Open(MachineVolume volume, string mounts)
    {
        if (volume.Header?.Type != "vfat") return new(Mount(volume, mounts));
        var device = BlockDevice.Open(volume.Device, BlockAccess.ReadOnly);
        try
        {
            return new(device);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>By the kernel's drivers, for who needs files as such.</summary>
    /// <exception cref="Linux.ErrnoException">The kernel cannot.</exception>
    /// <exception cref="InvalidDataException">It is of no kind that is known.</exception>
    public static Mount Mount(MachineVolume volume, string mounts)
    {
        var type = volume.Header?.Type ?? throw new InvalidDataException($"{volume.Device}: holds no filesystem that is known");
        // noload: what is on the journal stays there, the volume is not ours to change; 5 is the top of a btrfs
        return Linux.Mounts.Mount.ReadOnly(volume.Device, type, Path.Combine(mounts, Path.GetFileName(volume.Device)), type switch
        {
            "ext4" => "noload",
            "btrfs" => "subvolid=5",
            _ => null,
        });
    }

    /// <summary>The directory it is mounted at; null for FAT.</summary>
    public string? Directory => _mount?.Target;

    /// <summary>The bytes of a file; null if there is none.</summary>
    /// <param name="path">With a leading slash. Links in it do not lead out of the volume, because they are not followed.</param>
    /// <exception cref="InvalidDataException">It is larger than that.</exception>
    public byte[]? Find(string path, int limitBytes)
    {
        if (_fat is not null)
            return _fat.Find(path.TrimStart('/')) is { IsDirectory: false } entry ? _fat.ReadAll(entry, limitBytes) : null;
        var file = new FileInfo(_mount!.Target + path);
        for (FileSystemInfo? part = file; part is not null && part.FullName != _mount.Target; part = Parent(part))
            if (part.LinkTarget is not null) throw new InvalidDataException($"{path}: {part.Name} is a link");
        return file.Exists ? BoundedFile.Read(file.FullName, limitBytes) : null;
    }

    private static DirectoryInfo? Parent(FileSystemInfo part) => part is FileInfo file ? file.Directory : ((DirectoryInfo)part).Parent;

    public void Dispose()
    {
        _mount?.Dispose();
        _device?.Dispose();
    }
}
