using Firn.Linux.Interop;

namespace Firn.Linux.Compression;

/// <summary>Makes .xz files as the program xz does with one thread: the same bytes for the same version of liblzma and settings.</summary>
internal static class XzEncoder
{
    /// <param name="content">To pack.</param>
    /// <param name="packed">Where to.</param>
    /// <param name="preset">0 to 9, and liblzma's bit for extreme.</param>
    /// <param name="check">Number of the checksum.</param>
    /// <param name="dictionaryBytes">Of the window.</param>
    /// <returns>The number of bytes, or -1 if they do not fit, or liblzma does not take the settings.</returns>
    /// <exception cref="DllNotFoundException">liblzma is not installed.</exception>
    public static unsafe int Compress(ReadOnlySpan<byte> content, Span<byte> packed, uint preset, int check, uint dictionaryBytes)
    {
        var options = stackalloc byte[LibLzma.OptionsBytes];
        if (LibLzma.SetPreset(options, preset) != 0) return -1;
        *(uint*)options = dictionaryBytes;
        var filters = stackalloc LibLzma.Filter[2];
        filters[0] = new() { Id = LibLzma.Lzma2, Options = options };
        filters[1] = new() { Id = LibLzma.NoFilter };
        var coder = default(LibLzma.Coder);
        if (LibLzma.BeginEncoding(ref coder, filters, check) != LibLzma.Result.Ok) return -1;
        try
        {
            fixed (byte* from = content)
            fixed (byte* to = packed)
            {
                coder.Next = from;
                coder.Left = (nuint)content.Length;
                coder.NextOut = to;
                coder.LeftOut = (nuint)packed.Length;
                if (LibLzma.Code(ref coder, LibLzma.Finish) != LibLzma.Result.StreamEnd) return -1;
            }
            return (int)coder.Written;
        }
        finally
        {
            LibLzma.End(ref coder);
        }
    }
}
