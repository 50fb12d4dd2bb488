using System.Buffers.Binary;
using Firn.Linux.Interop;

namespace Firn.Linux.Compression;

/// <summary>A packed part of a file.</summary>
/// <param name="Start">In the file.</param>
/// <param name="Length">Packed.</param>
/// <param name="Methods">In which ways it may have been packed: one of them perhaps gives the same bytes again.</param>
public sealed record PackedPart(int Start, int Length, IReadOnlyList<ulong> Methods);

/// <summary>
/// What is packed in files, and an update patches by what it holds and packs again: .xz files (kernel modules), and the LZ4
/// payload of x86 kernels. A method is a number that says all that the bytes depend on but the version of the library; it is part
/// of the format of packs (<c>docs/formats/payload.md</c>).
/// </summary>
public static class PackedFiles
{
    private const byte Xz = 1, Lz4 = 2;
    private const int KernelLz4Level = 9;    // scripts/Makefile.lib of Linux: lz4 -l -9
    private const int LargestDictionary = 30;    // 64 MiB, of xz -9
    private const uint Extreme = 1u << 31;

    /// <summary>The presets that people use: those of xz -6, -9 and both with -e.</summary>
    private static ReadOnlySpan<uint> Presets => [6, 9, 6 | Extreme, 9 | Extreme];
    private static ReadOnlySpan<byte> XzMagic => [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0];
    private static ReadOnlySpan<byte> LegacyLz4Magic => [0x02, 0x21, 0x4c, 0x18];

    /// <summary>Nothing for a file that is not of a known kind.</summary>
    public static IReadOnlyList<PackedPart> PartsOf(ReadOnlySpan<byte> file) =>
        XzMethods(file) is { Count: > 0 } methods ? [new(0, file.Length, methods)] : KernelParts(file);

    /// <summary>The number of bytes, or -1 if these are no bytes of this kind, or more than fit.</summary>
    public static unsafe int Unpack(ulong method, ReadOnlySpan<byte> packed, Span<byte> content)
    {
        try
        {
            switch ((byte)method)
            {
                case Xz:
                    return Compression.Xz.Decompress(packed, content);
                case Lz4:
                    fixed (byte* from = packed)
                    fixed (byte* to = content)
                        return Math.Max(-1, LibLz4.Decompress(from, to, packed.Length, content.Length));
                default:
                    return -1;
            }
        }
        catch (Exception error) when (error is InvalidDataException or FileNotFoundException or DllNotFoundException)
        {
            return -1;
        }
    }

    /// <summary>The number of bytes, or -1 if the method or its library is not here, or they do not fit.</summary>
    public static unsafe int Pack(ulong method, ReadOnlySpan<byte> content, Span<byte> packed)
    {
        try
        {
            switch ((byte)method)
            {
                case Xz when (method >> 24) <= LargestDictionary:
                    var dictionary = (int)(method >> 24);
                    var preset = (uint)(method >> 8 & 0xf) | (uint)(method >> 12 & 1) << 31;
                    return XzEncoder.Compress(content, packed, preset, (int)(method >> 16 & 0xf), (2u | (uint)dictionary & 1) << (dictionary / 2 + 11));
                case Lz4:
                    fixed (byte* from = content)
                    fixed (byte* to = packed)
                        return LibLz4.Compress(from, to, content.Length, packed.Length, (byte)(method >> 8)) is > 0 and var size ? size : -1;
                default:
                    return -1;
            }
        }
        catch (DllNotFoundException)
        {
            return -1;
        }
    }

    private static List<ulong> XzMethods(ReadOnlySpan<byte> file)
    {
        var methods = new List<ulong>();
        // stream header (magic, flags with the check, CRC32), then a block header whose only filter is LZMA2
        if (file.Length < 32 || !file.StartsWith(XzMagic) || file[13] != 0 || file[14] != 0x21 || file[15] != 1 || file[16] > LargestDictionary) return methods;
        foreach (var preset in Presets) methods.Add(Xz | (preset & 0xf) << 8 | preset >> 31 << 12 | (ulong)file[7] << 16 | (ulong)file[16] << 24);
        return methods;
    }

    /// <summary>Linux' Documentation/arch/x86/boot.rst; the payload is of lz4's legacy format: blocks of 8 MiB, each behind its packed size.</summary>
    private static List<PackedPart> KernelParts(ReadOnlySpan<byte> file)
    {
        const int SetupSectors = 0x1f1, Magic = 0x202, PayloadOffset = 0x248;
        var parts = new List<PackedPart>();
        if (file.Length < 0x250 || !file[Magic..].StartsWith("HdrS"u8)) return parts;
        var start = (file[SetupSectors] + 1L) * 512 + BinaryPrimitives.ReadUInt32LittleEndian(file[PayloadOffset..]);
        var end = start + BinaryPrimitives.ReadUInt32LittleEndian(file[(PayloadOffset + 4)..]) - sizeof(uint);    // the kernel's build appends the size
        if (end > file.Length || start > end - 8 || !file[(int)start..].StartsWith(LegacyLz4Magic)) return parts;
        for (var at = start + LegacyLz4Magic.Length; at <= end - sizeof(uint);)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(file[(int)at..]);
            at += sizeof(uint);
            if (length == 0 || length > end - at) break;
            parts.Add(new((int)at, (int)length, [Lz4 | KernelLz4Level << 8]));
            at += length;
        }
        return parts;
    }
}
