using System.Runtime.InteropServices;
using Firn.Linux.Interop;

namespace Firn.Linux.Cryptography;

/// <summary>Results of libcrypto. Its list of errors belongs to the thread and is left empty.</summary>
internal static class CryptoCall
{
    /// <exception cref="InvalidDataException">The call failed.</exception>
    public static void Check(int result, string subject)
    {
        if (result != 1) throw Failure(subject);
    }

    /// <exception cref="InvalidDataException">The call gave nothing.</exception>
    public static T Check<T>(T handle, string subject) where T : SafeHandle
    {
        if (!handle.IsInvalid) return handle;
        handle.Dispose();
        throw Failure(subject);
    }

    public static unsafe InvalidDataException Failure(string subject)
    {
        var reason = LibCrypto.ReasonOf(LibCrypto.GetError());
        LibCrypto.ClearErrors();
        return new($"{subject}: {(reason == null ? "refused by libcrypto" : Marshal.PtrToStringUTF8((nint)reason))}");
    }
}
