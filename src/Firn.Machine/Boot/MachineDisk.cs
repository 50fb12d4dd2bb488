using Firn.Linux.Block;

namespace Firn.Machine.Boot;

/// <summary>The disk with the slots: the one this system runs from, or an image file.</summary>
public abstract class MachineDisk
{
    /// <summary>For messages.</summary>
    public abstract string Name { get; }

    /// <summary>How the running system was booted; null for a disk that nothing runs from.</summary>
    public abstract RunningBoot? Running { get; }

    /// <summary>Null when what runs is not checked, or nothing runs from this disk. Asks the kernel each time.</summary>
    public virtual RootVerity? Verity => null;

    public abstract bool HasPartition(string name);

    /// <summary>
    /// Which of this disk's partitions a path below <c>/dev</c> leads to, whatever it is called there. Of names that several disks
    /// have, this disk's counts.
    /// </summary>
    /// <returns>Empty for the disk as a whole; null for what is not part of it.</returns>
    public virtual string? PartitionAt(string path)
    {
        const string byName = "/dev/disk/by-partlabel/";
        return path.StartsWith(byName, StringComparison.Ordinal) && HasPartition(path[byName.Length..]) ? path[byName.Length..] : null;
    }

    /// <exception cref="InvalidDataException">The disk has no partition of that name.</exception>
    /// <exception cref="Linux.ErrnoException">It cannot be opened; EBUSY when exclusive access meets a mounted one.</exception>
    public abstract IBlockDevice OpenPartition(string name, BlockAccess access);

    /// <summary>Keeps other Firn processes from changing slots and boot state; given back when disposed.</summary>
    /// <exception cref="RefusedException">Another one holds it.</exception>
    public IDisposable Lock() => TryLock()
        ?? throw new RefusedException($"{Name}: another firn is changing it now; try again when that has ended");

    /// <summary>As <see cref="Lock()"/>, but waits for the other one.</summary>
    public IDisposable Lock(TimeSpan patience)
    {
        for (var end = Environment.TickCount64 + patience.TotalMilliseconds; Environment.TickCount64 < end; Thread.Sleep(50))
            if (TryLock() is { } taken) return taken;
        return Lock();
    }

    protected abstract IDisposable? TryLock();

    /// <summary>An image file with a whole disk in it.</summary>
    public static MachineDisk OfImage(string path) => new ImageDisk(path);

    /// <exception cref="RefusedException">This system does not run from a Firn disk.</exception>
    public static MachineDisk OfRunningSystem(MachinePaths paths) => new RunningDisk(paths);
}
