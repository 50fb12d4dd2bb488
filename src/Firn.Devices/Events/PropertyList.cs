using System.Collections.Immutable;
using System.Text;

namespace Firn.Devices.Events;

/// <summary>The <c>KEY=value␀</c> of a message about a device. Anyone may have written it: everything is checked.</summary>
public static class PropertyList
{
    /// <summary>The kernel sends at most 64 properties in 2 KiB, udev some more.</summary>
    public const int LongestMessage = 64 << 10, MostProperties = 1024, LongestPath = 2048;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <exception cref="InvalidDataException">They are no properties.</exception>
    public static ImmutableSortedDictionary<string, string> Parse(ReadOnlySpan<byte> bytes)
    {
        var properties = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var range in bytes.Split((byte)0))
        {
            var item = bytes[range];
            if (item.IsEmpty) continue;
            var at = item.IndexOf((byte)'=');
            if (at <= 0) throw new InvalidDataException($"property {properties.Count + 1} is not KEY=value");
            if (properties.Count >= MostProperties) throw new InvalidDataException($"more than {MostProperties} properties");
            properties[CheckKey(Text(item[..at]))] = Text(item[(at + 1)..]);
        }
        return properties.ToImmutable();
    }

    /// <exception cref="InvalidDataException">It is not UTF-8.</exception>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidDataException("this is not UTF-8 text", error);
        }
    }

    public static string CheckKey(string key)
    {
        foreach (var c in key)
            if (c is <= ' ' or '=' or '\u007f') throw new InvalidDataException("the name of a property holds a character that it cannot");
        return key;
    }

    /// <summary>A path below <c>/sys</c> that cannot lead out of it.</summary>
    public static string CheckPath(string path)
    {
        var isRight = path.Length is > 1 and <= LongestPath && path[0] == '/' && !path.AsSpan().ContainsAny('\0', '\n', '\r');
        if (isRight)
            foreach (var part in path.AsSpan(1).Split('/'))
                if (path.AsSpan(1)[part] is "" or "." or "..") isRight = false;
        return isRight ? path : throw new InvalidDataException("DEVPATH is no path below /sys");
    }
}
