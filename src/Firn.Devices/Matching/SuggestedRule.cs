using System.Text;

namespace Firn.Devices.Matching;

/// <summary>A rule for a device that has none, and what a person should know about it.</summary>
/// <param name="Match">Names of properties with the device's own values.</param>
public sealed record SuggestedRule(IReadOnlyList<(string Key, string Value)> Match, string? Instance, IReadOnlyList<string> Warnings)
{
    /// <summary>The serial number if it can be one, else maker, model and port, else the name of the node.</summary>
    /// <param name="others">All devices that are there, for what they share.</param>
    public static SuggestedRule For(IReadOnlyDictionary<string, string> device, IEnumerable<IReadOnlyDictionary<string, string>> others)
    {
        var warnings = new List<string>();
        var subsystem = device.TryGetValue("SUBSYSTEM", out var given) ? ("SUBSYSTEM", given) : default((string, string)?);
        foreach (var key in (string[])["ID_USB_SERIAL_SHORT", "ID_SERIAL_SHORT", "ID_USB_SERIAL"])
        {
            if (!device.TryGetValue(key, out var serial)) continue;
            if (key != "ID_USB_SERIAL" && FakeSerial.Is(serial))
            {
                if (warnings.Count == 0) warnings.Add($"the serial number '{serial}' is not one: other devices will have it, too");
                continue;
            }
            if (warnings.Count > 0) break;    // the long form holds the same serial number
            var match = Match((key, serial));
            var twins = Twins(match);
            if (twins.Count == 0) return new(match, key == "ID_USB_SERIAL" ? null : $"@{key}", warnings);
            warnings.Add($"{string.Join(", ", twins)} {(twins.Count == 1 ? "has" : "have")} the same serial number");
            break;
        }
        if (device.TryGetValue("ID_VENDOR_ID", out var vendor) && device.TryGetValue("ID_MODEL_ID", out var model) && device.TryGetValue("ID_PATH_TAG", out var path))
        {
            warnings.Add("the rule holds for this port only: plugged in elsewhere, the device is another one");
            return Checked(Match(("ID_VENDOR_ID", vendor), ("ID_MODEL_ID", model), ("ID_PATH_TAG", path)));
        }
        warnings.Add("the name of a node depends on the order in which devices are found");
        return Checked(Match(("SYSNAME", device.GetValueOrDefault("SYSNAME", ""))));

        List<(string, string)> Match(params (string, string)[] found) => [.. subsystem is { } s ? (IEnumerable<(string, string)>)[s] : [], .. found];

        List<string> Twins(IReadOnlyList<(string Key, string Value)> match) =>
        [
            .. others.Where(other => other.GetValueOrDefault("DEVPATH") != device.GetValueOrDefault("DEVPATH")
                && match.All(pair => other.GetValueOrDefault(pair.Key) == pair.Value))
            .Select(other => other.GetValueOrDefault("SYSNAME", "?")),
        ];

        SuggestedRule Checked(IReadOnlyList<(string Key, string Value)> match)
        {
            if (Twins(match) is { Count: > 0 } twins) warnings.Add($"the rule fits {string.Join(", ", twins)}, too");
            return new(match, null, warnings);
        }
    }

    /// <summary>As it stands in a file.</summary>
    public string ToYaml(string service)
    {
        var text = new StringBuilder("udev:\n");
        text.Append("  - match:\n");
        foreach (var (key, value) in Match) text.Append("      ").Append(key).Append(": '").Append(Escape(value)).Append("'\n");
        text.Append("    service: ").Append(service).Append('\n');
        if (Instance is not null) text.Append("    instance: '").Append(Instance).Append("'\n");
        return text.ToString();
    }

    /// <summary>Nothing of a device's value is a pattern, nor the end of a quotation.</summary>
    private static string Escape(string value)
    {
        var text = string.Concat(value.Select(c => c is '*' or '[' or '|' ? "?" : $"{c}")).Replace("'", "''");
        return text.StartsWith('!') || (text.StartsWith('/') && text.EndsWith('/')) ? $"?{text[1..]}" : text;
    }
}
