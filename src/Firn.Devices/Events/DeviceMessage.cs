using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Firn.Devices.Events;

/// <summary>
/// A message about a device as bytes: the kernel's <c>ACTION@DEVPATH␀KEY=value␀…</c> (lib/kobject_uevent.c), or udev's, which has
/// a header of 40 bytes in front of the properties: <c>libudev␀</c>, 0xFEEDCAFE (big-endian), the header's size, offset and
/// length of the properties (all u32 of the machine), and hashes for filters.
/// </summary>
public static class DeviceMessage
{
    private const uint Magic = 0xfeedcafe;
    private const int HeaderBytes = 40;
    private static ReadOnlySpan<byte> Prefix => "libudev\0"u8;

    /// <exception cref="InvalidDataException">It is no such message.</exception>
    public static DeviceEvent ParseKernel(ReadOnlySpan<byte> message)
    {
        if (message.Length > PropertyList.LongestMessage) throw new InvalidDataException($"longer than {PropertyList.LongestMessage} bytes");
        var end = message.IndexOf((byte)0);
        if (end < 0) end = message.Length;
        var at = message[..end].IndexOf((byte)'@');
        if (at <= 0) throw new InvalidDataException("the message does not begin with ACTION@DEVPATH");
        var action = CheckAction(PropertyList.Text(message[..at]));
        var path = PropertyList.CheckPath(PropertyList.Text(message[(at + 1)..end]));
        return new(action, path, PropertyList.Parse(message[Math.Min(end + 1, message.Length)..]));
    }

    /// <exception cref="InvalidDataException">It is no such message.</exception>
    public static DeviceEvent ParseUdev(ReadOnlySpan<byte> message)
    {
        if (message.Length is < HeaderBytes or > PropertyList.LongestMessage || !message.StartsWith(Prefix))
            throw new InvalidDataException("the message does not begin with the header of udev");
        if (BinaryPrimitives.ReadUInt32BigEndian(message[8..]) != Magic) throw new InvalidDataException("udev's magic number is wrong");
        var offset = BitConverter.ToUInt32(message[16..]);
        var length = BitConverter.ToUInt32(message[20..]);
        if (offset < HeaderBytes || offset > message.Length || length > message.Length - offset)
            throw new InvalidDataException($"properties at {offset}, {length} bytes long, lie outside of a message of {message.Length}");
        var properties = PropertyList.Parse(message.Slice((int)offset, (int)length));
        if (!properties.TryGetValue("ACTION", out var action) || !properties.TryGetValue("DEVPATH", out var path))
            throw new InvalidDataException("ACTION or DEVPATH is missing");
        return new(CheckAction(action), PropertyList.CheckPath(path), properties);
    }

    public static bool IsUdev(ReadOnlySpan<byte> message) => message.StartsWith(Prefix);

    /// <summary>As the kernel would send it.</summary>
    public static byte[] Write(DeviceEvent change)
    {
        var text = new StringBuilder($"{change.Action}@{change.DevPath}\0");
        foreach (var (key, value) in change.Properties) text.Append(key).Append('=').Append(value).Append('\0');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string CheckAction(string action)
    {
        var isRight = action.Length is > 0 and <= 32;
        foreach (var c in action) isRight &= char.IsAsciiLetterLower(c);
        return isRight ? action : throw new InvalidDataException("the action of a message must be a word such as add or remove");
    }

    /// <summary>Properties of an environment or a line, in the order of bytes.</summary>
    public static ImmutableSortedDictionary<string, string> Sorted(IEnumerable<KeyValuePair<string, string>> properties) =>
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, properties);
}
