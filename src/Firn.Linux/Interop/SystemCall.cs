using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

internal static class SystemCall
{
    /// <summary>Passes a result on, or throws what the kernel said of <paramref name="subject"/>.</summary>
    public static int Check(int result, string call, string subject) =>
        result >= 0 ? result : throw new ErrnoException(call, subject, Marshal.GetLastPInvokeError());
}
