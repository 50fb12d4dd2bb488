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

    /// <summary>Whether the kernel or the filesystem has no place for such a thing; not that something broke.</summary>
    public bool IsRefusal => Errno is Interop.Errno.NotSupported or Interop.Errno.NotPermitted or Interop.Errno.Invalid;

    /// <summary>Whether it is there, and not for this user.</summary>
    public bool IsDenied => Errno is Interop.Errno.Denied or Interop.Errno.NotPermitted;
}
