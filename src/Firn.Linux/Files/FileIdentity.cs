using System.Text;
using Firn.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Firn.Linux.Files;

/// <summary>Which file it is, whatever it is called.</summary>
public sealed record FileIdentity(uint DeviceMajor, uint DeviceMinor, ulong Inode)
{
    /// <returns>Null when there is none.</returns>
    public static FileIdentity? Of(string path) =>
        Libc.StatX(Libc.CurrentDirectory, Encoding.UTF8.GetBytes(path + "\0"), 0, Libc.BasicStats, out var status) == 0 ? From(status) : null;

    public static FileIdentity Of(SafeFileHandle file)
    {
        SystemCall.Check(Libc.StatX(file, [0], Libc.EmptyPath, Libc.BasicStats, out var status), "stat", "open file");
        return From(status);
    }

    private static FileIdentity From(StatX status) => new(status.DeviceMajor, status.DeviceMinor, status.Inode);
}
