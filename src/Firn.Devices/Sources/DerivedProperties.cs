using System.Collections.Immutable;

namespace Firn.Devices.Sources;

/// <summary>
/// What udev's <c>usb_id</c> and <c>path_id</c> would say of a device, for machines without udev; found by a walk from the
/// device up to what it is plugged into. What the event says itself stays.
/// </summary>
internal static class DerivedProperties
{
    public static void AddTo(ImmutableSortedDictionary<string, string>.Builder properties, Sysfs sysfs, string devPath)
    {
        string? path = null, driver = null, interfaceNumber = null;
        foreach (var parent in sysfs.Chain(devPath))
        {
            var name = Path.GetFileName(parent);
            driver ??= sysfs.LinkName(parent, "driver");
            interfaceNumber ??= sysfs.Attribute(parent, "bInterfaceNumber");
            var subsystem = sysfs.LinkName(parent, "subsystem");
            if (subsystem == "usb" && path is null && name.IndexOf('-') is > 0 and var dash) path = $"usb-0:{name[(dash + 1)..]}";
            else if (subsystem is "pci" or "platform")
            {
                path = path is null ? $"{subsystem}-{name}" : $"{subsystem}-{name}-{path}";
                if (subsystem == "pci") break;
            }
            if (sysfs.Attribute(parent, "idVendor") is { } vendor && !properties.ContainsKey("ID_BUS") && name.Contains('-', StringComparison.Ordinal))
                AddUsb(parent, vendor);
        }
        Add("DRIVER", driver);
        if (properties.GetValueOrDefault("ID_BUS") == "usb") Add("ID_USB_INTERFACE_NUM", interfaceNumber);
        if (path is null) return;
        Add("ID_PATH", path);
        Add("ID_PATH_TAG", Tag(path));

        void AddUsb(string device, string vendor)
        {
            Add("ID_BUS", "usb");
            Add("ID_VENDOR_ID", vendor);
            Add("ID_MODEL_ID", sysfs.Attribute(device, "idProduct"));
            Add("ID_REVISION", sysfs.Attribute(device, "bcdDevice"));
            var maker = Clean(sysfs.Attribute(device, "manufacturer")) ?? vendor;
            var model = Clean(sysfs.Attribute(device, "product")) ?? sysfs.Attribute(device, "idProduct") ?? "";
            Add("ID_VENDOR", maker);
            Add("ID_MODEL", model);
            var serial = Clean(sysfs.Attribute(device, "serial"));
            var whole = serial is null ? $"{maker}_{model}" : $"{maker}_{model}_{serial}";
            Add("ID_SERIAL", whole);
            Add("ID_USB_SERIAL", whole);
            Add("ID_SERIAL_SHORT", serial);
            Add("ID_USB_SERIAL_SHORT", serial);
        }

        void Add(string key, string? value)
        {
            if (value is { Length: > 0 }) properties.TryAdd(key, value);
        }
    }

    /// <summary>Texts of a device, which may hold anything, as udev writes them: runs of spaces and what is not harmless as <c>_</c>.</summary>
    private static string? Clean(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        var words = string.Join('_', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return string.Concat(words.Select(c => char.IsAsciiLetterOrDigit(c) || "#+-.:=@_".Contains(c, StringComparison.Ordinal) ? c : '_'));
    }

    private static string Tag(string path) =>
        string.Concat(path.Select(c => char.IsAsciiLetterOrDigit(c) || c == '-' ? c : '_')).Trim('_');
}
