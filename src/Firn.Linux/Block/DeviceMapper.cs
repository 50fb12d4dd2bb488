using System.Buffers.Binary;
using System.Text;
using Firn.Linux.Events;
using Firn.Linux.Interop;

namespace Firn.Linux.Block;

/// <summary>
/// Asks the kernel's device mapper by itself: a program on a device that cannot be read would not do. Interface version 4 of
/// <c>&lt;linux/dm-ioctl.h&gt;</c>.
/// </summary>
public static class DeviceMapper
{
    private const nuint TableStatus = 0xc138fd0c;    // DM_TABLE_STATUS
    private const int InterfaceVersion = 4;
    private const int DoNotFlush = 1 << 11, BufferIsTooSmall = 1 << 8;    // DM_NOFLUSH_FLAG, DM_BUFFER_FULL_FLAG
    private const int BufferBytes = 16 << 10;

    // struct dm_ioctl, and struct dm_target_spec behind it
    private const int SizeField = 12, StartField = 16, CountField = 20, FlagsField = 28, NameField = 48, LongestName = 127, HeadBytes = 312;
    private const int TypeField = 24, TypeBytes = 16, TargetBytes = 40;

    /// <summary>What kind of device the first target of a table makes, and what it says of itself.</summary>
    /// <param name="control">Such as <c>/dev/mapper/control</c>.</param>
    /// <param name="name">Of the device, not a path.</param>
    /// <returns>Null if there is none of that name, or this user may not ask.</returns>
    public static (string Type, string Status)? Status(string control, string name)
    {
        var text = Encoding.UTF8.GetBytes(name);
        if (text.Length > LongestName) return null;
        var number = Libc.Open(control, OpenFlags.ReadWrite | OpenFlags.CloseOnExec, 0);
        if (number < 0) return null;
        using var device = new Descriptor(number);

        var buffer = new byte[BufferBytes];
        Put(0, InterfaceVersion);
        Put(SizeField, BufferBytes);
        Put(StartField, HeadBytes);
        Put(FlagsField, DoNotFlush);
        text.CopyTo(buffer, NameField);
        if (Libc.Ioctl(device.Number, TableStatus, buffer.AsSpan()) != 0) return null;
        var start = Get(StartField);
        if (Get(CountField) < 1 || (Get(FlagsField) & BufferIsTooSmall) != 0 || start is < HeadBytes or > BufferBytes - TargetBytes) return null;
        return (Text(buffer.AsSpan(start + TypeField, TypeBytes)), Text(buffer.AsSpan(start + TargetBytes)));

        void Put(int field, int value) => BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(field), value);
        int Get(int field) => BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(field));
    }

    private static string Text(ReadOnlySpan<byte> bytes) =>
        Encoding.UTF8.GetString(bytes[..(bytes.IndexOf((byte)0) is var end and >= 0 ? end : bytes.Length)]);
}
