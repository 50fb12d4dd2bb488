using System.Collections.Immutable;
using System.Text;

namespace Firn.Devices.Events;

/// <summary>
/// An event as a person types it: <c>add ttyUSB0 ID_SERIAL_SHORT=X "ID_MODEL=a b"</c>. A name in place of a path is looked up
/// among the devices there are; one that is not among them stands for itself, below <see cref="Nowhere"/>.
/// </summary>
public static class EventLine
{
    /// <summary>Where devices lie that nobody but the sender knows.</summary>
    public const string Nowhere = "/devices/sent/";

    /// <param name="find">The path of the device with that name or node; null when there is none.</param>
    /// <exception cref="InvalidDataException">It is no such line.</exception>
    public static DeviceEvent Parse(string line, Func<string, string?> find)
    {
        var words = Split(line);
        if (words.Count < 2) throw new InvalidDataException("expected an action and a device, such as: add ttyUSB0 SUBSYSTEM=tty");
        var properties = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var word in words.Skip(2))
            if (word.IndexOf('=') is > 0 and var at) properties[PropertyList.CheckKey(word[..at])] = word[(at + 1)..];
            else throw new InvalidDataException($"'{word}' is not KEY=value");
        var path = words[1];
        if (!path.StartsWith("/devices/", StringComparison.Ordinal))
        {
            var name = path.StartsWith("/dev/", StringComparison.Ordinal) ? path[5..] : path;
            properties.TryAdd("DEVNAME", $"/dev/{name}");
            path = find(name) ?? Nowhere + name;
        }
        // checked like everything that comes from outside
        return DeviceMessage.ParseKernel(DeviceMessage.Write(new(words[0], path, properties.ToImmutable())));
    }

    private static List<string> Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (isQuoted, hasWord) = (false, false);
        foreach (var c in line)
            if (c == '"') (isQuoted, hasWord) = (!isQuoted, true);
            else if (!isQuoted && c is ' ' or '\t' or '\n' && !isQuoted)
            {
                if (hasWord) words.Add(word.ToString());
                word.Clear();
                hasWord = false;
            }
            else
            {
                word.Append(c);
                hasWord = true;
            }
        if (isQuoted) throw new InvalidDataException("a quote is not closed");
        if (hasWord) words.Add(word.ToString());
        return words;
    }
}
