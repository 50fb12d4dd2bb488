using Firn.Linux.Interop;

namespace Firn.Linux.Mounts;

/// <summary>A filesystem that is mounted for a while, at a directory of its own. Unmounts when disposed.</summary>
public sealed class Mount : IDisposable
{
    private Mount(string target) => Target = target;

    /// <summary>Where its files are.</summary>
    public string Target { get; }

    /// <summary>Mounts to read from what a stranger may have made: nothing in it is run, or is a device.</summary>
    /// <param name="target">A directory that is made, and removed in the end.</param>
    /// <exception cref="ErrnoException">The kernel does not know the type, or the volume is damaged.</exception>
    public static Mount ReadOnly(string device, string type, string target, string? options = null)
    {
        Directory.CreateDirectory(target);
        SystemCall.Check(
            Libc.Mount(device, target, type, MountFlags.ReadOnly | MountFlags.NoSetId | MountFlags.NoDevices | MountFlags.NoExecution, options),
            "mount", device);
        return new(target);
    }

    public void Dispose()
    {
        _ = Libc.Unmount(Target, Libc.DetachMount);
        Directory.Delete(Target);
    }
}
