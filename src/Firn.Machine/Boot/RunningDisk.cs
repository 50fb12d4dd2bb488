using Firn.Formats.Boot;
using Firn.Linux.Block;
using Firn.Linux.Files;
using Firn.Linux.Mounts;

namespace Firn.Machine.Boot;

/// <summary>
/// The disk that holds the root filesystem. Its partitions are found by name on that disk alone: another disk, such as
/// a USB stick with the same image, can have the same names.
/// </summary>
internal sealed class RunningDisk : MachineDisk
{
    private readonly MachinePaths _paths;
    private readonly Dictionary<string, string> _devices = [];
    private readonly string? _mapped;

    public RunningDisk(MachinePaths paths)
    {
        _paths = paths;
        (var root, _mapped) = RootPartition(paths);
        var disk = Path.GetDirectoryName(root)!;
        Name = Path.Combine(paths.Devices, Path.GetFileName(disk));
        Running = Reconcile(
            RunningBoot.Parse(File.ReadAllText(paths.KernelCommandLine)), ReadUevent(root).GetValueOrDefault("PARTNAME"));
        foreach (var directory in Directory.GetDirectories(disk).Where(IsPartition)) Add(directory);
    }

    public override string Name { get; }
    public override RunningBoot Running { get; }
    public override RootVerity? Verity => _mapped is null ? null : DeviceMapper.Status(_paths.DeviceMapper, _mapped) switch
    {
        // V or C, and from Linux 6.19 on more behind it
        ("verity", ['V', ..]) => RootVerity.Verified,
        ("verity", ['C', ..]) => RootVerity.Corrupted,
        ("verity", _) or null => RootVerity.Unknown,
        _ => null,
    };

    public override bool HasPartition(string name) => _devices.ContainsKey(name);

    public override IBlockDevice OpenPartition(string name, BlockAccess access) => _devices.TryGetValue(name, out var path)
        ? BlockDevice.Open(path, access)
        : throw new InvalidDataException($"{Name}: has no partition {name}");

    public override string? PartitionAt(string path)
    {
        if (base.PartitionAt(path) is { } named) return named;
        var device = Path.GetFullPath(path) is var full && full.StartsWith("/dev/", StringComparison.Ordinal) ? Path.Combine(_paths.Devices, full[5..]) : full;
        if (File.Exists(device) && File.ResolveLinkTarget(device, returnFinalTarget: true) is { } target) device = target.FullName;
        if (IsSame(device, Name)) return "";
        foreach (var (name, known) in _devices)
            if (IsSame(device, known)) return name;
        return null;
    }

    /// <summary>Another node for the same device is the same device.</summary>
    private static bool IsSame(string one, string other) => one == other
        || File.Exists(one) && File.Exists(other) && RawFiles.Status(RawPath.From(one)) is { Type: FileType.BlockDevice } first
            && RawFiles.Status(RawPath.From(other)) is { Type: FileType.BlockDevice } second && first.Device == second.Device;

    protected override IDisposable? TryLock()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_paths.Lock)!);
        return FileLock.TryTake(_paths.Lock);
    }

    /// <summary>
    /// The root filesystem says what runs: the initramfs takes the rescue system's where a slot's own cannot be mounted.
    /// </summary>
    private static RunningBoot Reconcile(RunningBoot booted, string? rootPartition)
    {
        if (rootPartition == DiskLayout.RootPartition(booted.Slot)) return booted;
        if (rootPartition == DiskLayout.RootPartition(Slot.Rescue)) return booted with { Slot = Slot.Rescue, IsTrial = false };
        throw new InvalidDataException(
            $"firn.slot={booted.Slot.Name()} on the kernel command line, but / is on partition '{rootPartition}', "
            + $"expected {DiskLayout.RootPartition(booted.Slot)}");
    }

    /// <summary>
    /// The directory in sysfs of the partition that is mounted as root, and with dm-verity the name of the device in between.
    /// </summary>
    private static (string Partition, string? Mapped) RootPartition(MachinePaths paths)
    {
        var mounts = MountTable.Parse(File.ReadLines(paths.MountTable));
        // the last of several mounts on / is the one in sight; below overlays, the root image is elsewhere
        var root = mounts.LastOrDefault(entry => entry.MountPoint == "/run/firn/root") ?? mounts.LastOrDefault(entry => entry.MountPoint == "/")
            ?? throw new InvalidDataException($"{paths.MountTable}: no root filesystem");
        var link = new DirectoryInfo(Path.Combine(paths.BlockDevicesByNumber, $"{root.Major}:{root.Minor}"));
        var directory = link.Exists ? link.ResolveLinkTarget(returnFinalTarget: true)?.FullName : null;
        string? mapped = null;
        if (directory is not null && Path.Combine(directory, "dm", "name") is var name && File.Exists(name)
            && Directory.GetDirectories(Path.Combine(directory, "slaves")) is [var below])
        {
            mapped = File.ReadAllText(name).Trim();
            directory = new DirectoryInfo(below).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? below;
        }
        return directory is not null && IsPartition(directory)
            ? (directory, mapped)
            : throw new RefusedException(
                $"this system does not run from a Firn disk: / is {root.Type} on {root.Source}; for an image file use --disk");
    }

    private void Add(string directory)
    {
        var uevent = ReadUevent(directory);
        if (!uevent.TryGetValue("PARTNAME", out var name) || !uevent.TryGetValue("DEVNAME", out var device)) return;
        if (!_devices.TryAdd(name, Path.Combine(_paths.Devices, device)) && name.StartsWith("firn-", StringComparison.Ordinal))
            throw new InvalidDataException($"{Name}: two partitions are named {name}");
    }

    private static bool IsPartition(string directory) => File.Exists(Path.Combine(directory, "partition"));

    private static Dictionary<string, string> ReadUevent(string directory)
    {
        var values = new Dictionary<string, string>();
        foreach (var line in File.ReadLines(Path.Combine(directory, "uevent")))
            if (line.Split('=', 2) is [var key, var value]) values[key] = value;
        return values;
    }
}
