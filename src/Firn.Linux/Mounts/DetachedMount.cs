using Firn.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Firn.Linux.Mounts;

/// <summary>
/// The filesystem of a directory once more, mounted nowhere: what is mounted over its directories is not there, and what
/// lies below can be seen. Gone when disposed; open_tree(2), Linux 5.2.
/// </summary>
public sealed class DetachedMount : IDisposable
{
    private readonly SafeFileHandle _handle;

    private DetachedMount(SafeFileHandle handle) => _handle = handle;

    /// <summary>A path of this process alone.</summary>
    public string Path => $"/proc/self/fd/{_handle.DangerousGetHandle()}";

    /// <exception cref="ErrnoException">Only root may.</exception>
    public static DetachedMount Of(string path) => new(new(
        SystemCall.Check((int)Libc.OpenTree(Libc.OpenTreeCall, Libc.CurrentDirectory, path, Libc.OpenTreeClone | Libc.OpenTreeCloseOnExec), "open_tree", path),
        ownsHandle: true));

    public void Dispose() => _handle.Dispose();
}
