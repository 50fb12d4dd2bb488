using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

internal static partial class Libc
{
    internal const int TerminalNow = 0;    // TCSANOW, <termios.h>

    /// <summary>Larger than struct termios of any C library (60 bytes in glibc), which we keep as it is.</summary>
    internal const int TerminalSettingsSize = 256;

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]  // tcgetattr(3)
    internal static partial int GetTerminal(int descriptor, Span<byte> settings);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]  // cfmakeraw(3)
    internal static partial void MakeRaw(Span<byte> settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]  // tcsetattr(3)
    internal static partial int SetTerminal(int descriptor, int when, ReadOnlySpan<byte> settings);
}
