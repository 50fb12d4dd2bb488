using System.Runtime.InteropServices;

namespace Firn.Linux;

/// <summary>The kernel said no: which call, about what, and why.</summary>
public sealed class ErrnoException(string call, string subject, int errno)
    : IOException($"{call} {subject}: {Marshal.GetPInvokeErrorMessage(errno)}")
{
    public string Call { get; } = call;
    public string Subject { get; } = subject;

    /// <summary>The error number, as in errno(3).</summary>
    public int Errno { get; } = errno;

    /// <summary>Whether the filesystem, or the kernel, has no such thing at all.</summary>
    public bool IsNotSupported => Errno == Interop.Errno.NotSupported;
}
