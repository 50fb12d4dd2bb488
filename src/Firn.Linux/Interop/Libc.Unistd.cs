using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]  // pread(2)
    internal static partial nint ReadAt(SafeHandle file, Span<byte> destination, nuint length, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]  // pwrite(2)
    internal static partial nint WriteAt(SafeHandle file, ReadOnlySpan<byte> source, nuint length, long offset);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]  // fdatasync(2)
    internal static partial int SyncData(SafeHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]  // fsync(2)
    internal static partial int Sync(SafeHandle file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]  // syncfs(2)
    internal static partial int SyncFileSystem(SafeHandle file);

    [LibraryImport("libc", EntryPoint = "sync")]  // sync(2)
    internal static partial void SyncAll();

    [LibraryImport("libc", EntryPoint = "reboot", SetLastError = true)]  // reboot(2)
    internal static partial int Reboot(uint command);

    [LibraryImport("libc", EntryPoint = "readlink", SetLastError = true)]  // readlink(2)
    internal static partial nint ReadLink(byte[] path, Span<byte> target, nuint length);

    [LibraryImport("libc", EntryPoint = "symlink", SetLastError = true)]  // symlink(2)
    internal static partial int MakeSymlink(byte[] target, byte[] path);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true)]  // link(2)
    internal static partial int Link(byte[] existing, byte[] path);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true)]  // rename(2)
    internal static partial int Rename(byte[] from, byte[] to);

    internal const uint ExchangeNames = 2;    // RENAME_EXCHANGE

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true)]  // rename(2)
    internal static partial int Rename(int fromDirectory, byte[] from, int toDirectory, byte[] to, uint flags);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true)]  // unlink(2)
    internal static partial int Remove(byte[] path);

    [LibraryImport("libc", EntryPoint = "rmdir", SetLastError = true)]  // rmdir(2)
    internal static partial int RemoveDirectory(byte[] path);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true)]  // lchown(2)
    internal static partial int SetOwner(byte[] path, uint uid, uint gid);
}
