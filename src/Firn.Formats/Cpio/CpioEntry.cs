using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Firn.Formats.Trees;

namespace Firn.Formats.Cpio;

/// <summary>
/// The 110 bytes in front of every name of a "newc" archive: magic and 13 numbers of eight hexadecimal digits. Linux,
/// Documentation/driver-api/early-userspace/buffer-format.rst.
/// </summary>
/// <param name="Checksum">The sum of all bytes of the content, which the magic of the format "crc" announces; null in one without.</param>
public readonly record struct CpioEntry(
    uint Inode, uint Mode, uint Uid, uint Gid, uint Links, uint ModifiedSeconds, uint SizeBytes,
    DeviceNumber Filesystem, DeviceNumber Device, uint NameBytes, uint? Checksum = null)
{
    public const int Size = 110;

    /// <summary>The kernel passes over longer names without a word; with the zero at the end.</summary>
    public const int MaximumNameBytes = 4096;

    public const uint PermissionMask = 0xfff;

    private const int MagicBytes = 6, FieldBytes = 8;

    public static ReadOnlySpan<byte> Trailer => "TRAILER!!!"u8;
    private static ReadOnlySpan<byte> Magic => "070701"u8;
    private static ReadOnlySpan<byte> ChecksumMagic => "070702"u8;

    /// <summary>Zeros after a name, which counts from the header on, and after content.</summary>
    public static int PaddingAfter(long length) => (int)(-length & 3);

    /// <summary>The type bits of a mode: inode(7).</summary>
    public static uint TypeBits(FileKind kind) => kind switch
    {
        FileKind.File => 0x8000,
        FileKind.Directory => 0x4000,
        FileKind.Symlink => 0xa000,
        FileKind.CharacterDevice => 0x2000,
        FileKind.BlockDevice => 0x6000,
        FileKind.Fifo => 0x1000,
        _ => 0xc000,
    };

    /// <exception cref="InvalidDataException">The mode is of no kind of file.</exception>
    public FileKind Kind
    {
        get
        {
            var bits = Mode & ~PermissionMask;
            foreach (var kind in Enum.GetValues<FileKind>())
                if (TypeBits(kind) == bits) return kind;
            throw new InvalidDataException($"cpio archive: mode 0{Convert.ToString(Mode, 8)} is of no kind of file");
        }
    }

    public uint PermissionBits => Mode & PermissionMask;

    public void WriteTo(Span<byte> header)
    {
        (Checksum is null ? Magic : ChecksumMagic).CopyTo(header);
        ReadOnlySpan<uint> fields =
        [
            Inode, Mode, Uid, Gid, Links, ModifiedSeconds, SizeBytes, Filesystem.Major, Filesystem.Minor,
            Device.Major, Device.Minor, NameBytes, Checksum ?? 0,
        ];
        header = header[MagicBytes..];
        foreach (var field in fields)
        {
            Utf8Formatter.TryFormat(field, header, out var written, new('X', FieldBytes));
            header = header[written..];
        }
    }

    /// <param name="header">110 bytes.</param>
    /// <param name="offset">Where they stand in the archive, for messages.</param>
    /// <param name="takesChecksums">Whether the format "crc" is taken, too.</param>
    /// <exception cref="InvalidDataException">Not the header of a newc entry.</exception>
    public static CpioEntry Read(ReadOnlySpan<byte> header, long offset, bool takesChecksums = false)
    {
        var hasChecksum = takesChecksums && header.StartsWith(ChecksumMagic);
        if (!hasChecksum && !header.StartsWith(Magic))
            throw new InvalidDataException(
                $"cpio archive: '{Encoding.Latin1.GetString(header[..MagicBytes])}' at offset {offset}, expected 070701{(takesChecksums ? " or 070702" : "")}");
        Span<uint> fields = stackalloc uint[13];
        for (var index = 0; index < fields.Length; index++)
        {
            var at = MagicBytes + index * FieldBytes;
            if (!uint.TryParse(header.Slice(at, FieldBytes), NumberStyles.AllowHexSpecifier, null, out fields[index]))
                throw new InvalidDataException($"cpio archive: no number at offset {offset + at}");
        }
        return new(fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6],
            new(fields[7], fields[8]), new(fields[9], fields[10]), fields[11], hasChecksum ? fields[12] : null);
    }
}
