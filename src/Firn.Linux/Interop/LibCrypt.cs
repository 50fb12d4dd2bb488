using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

internal static partial class LibCrypt
{
    /// <summary>struct crypt_data has 32768 bytes in libxcrypt and 131232 in the libcrypt of glibc before it.</summary>
    internal const int WorkBytes = 256 << 10;

    [LibraryImport("libcrypt.so.1", EntryPoint = "crypt_r", StringMarshalling = StringMarshalling.Utf8)]  // crypt(3)
    internal static partial nint Crypt(string phrase, string setting, Span<byte> work);
}
