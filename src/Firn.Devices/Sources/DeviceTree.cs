using System.Collections.Immutable;
using Firn.Devices.Events;

namespace Firn.Devices.Sources;

/// <summary>
/// The devices that are there, and what is known of each beyond its event: what udev has in its database, else what we
/// derive ourselves; attributes that rules ask for; names.
/// </summary>
/// <param name="udevData">udev's database, <c>/run/udev/data</c>.</param>
public sealed class DeviceTree(Sysfs sysfs, string udevData = "/run/udev/data")
{
    public const string Attribute = "ATTR.", AncestorAttribute = "ATTRS.";

    public Sysfs Sysfs { get; } = sysfs;

    /// <summary>How many events the kernel has sent; 0 when it does not say.</summary>
    public ulong LastSequence => ulong.TryParse(Sysfs.Attribute("/kernel", "uevent_seqnum"), out var number) ? number : 0;

    /// <summary>All devices, as if they were plugged in now.</summary>
    public IEnumerable<DeviceEvent> List() => Sysfs.List().Select(Read).OfType<DeviceEvent>();

    /// <summary>A device as if it were plugged in now; null when it is not there.</summary>
    public DeviceEvent? Read(string devPath)
    {
        if (Sysfs.Attribute(devPath, "uevent") is not { } text) return null;
        var properties = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
            if (line.IndexOf('=') is > 0 and var at) properties[line[..at]] = line[(at + 1)..].Trim();
        if (Sysfs.LinkName(devPath, "subsystem") is { } subsystem) properties["SUBSYSTEM"] = subsystem;
        return new("add", devPath, properties.ToImmutable());
    }

    /// <summary>A device by its name or node: <c>ttyUSB0</c>, <c>/dev/ttyUSB0</c>, <c>/sys/class/tty/ttyUSB0</c> or its path below <c>/sys</c>.</summary>
    public DeviceEvent? Find(string name)
    {
        if (name.StartsWith(Sysfs.Root + "/", StringComparison.Ordinal)) name = Path.GetFileName(Path.TrimEndingDirectorySeparator(name));
        if (name.StartsWith("/devices/", StringComparison.Ordinal)) return Read(name);
        var node = name.StartsWith("/dev/", StringComparison.Ordinal) ? name[5..] : name;
        // several devices may have a name, such as a block device and its queue: one with a node is meant
        return List().Where(device => device.Properties.GetValueOrDefault("DEVNAME") is { } given && (given == node || given == $"/dev/{node}"))
            .Concat(List().Where(device => SysName(device.DevPath) == node)).FirstOrDefault();
    }

    public static string SysName(string devPath) => devPath[(devPath.LastIndexOf('/') + 1)..].Replace('!', '/');

    /// <summary>The event with all that can be known of its device, as rules see it.</summary>
    /// <param name="attributes">Keys such as <c>ATTR.speed</c> and <c>ATTRS.product</c> that rules ask for.</param>
    public DeviceEvent Describe(DeviceEvent change, IEnumerable<string> attributes)
    {
        var properties = change.Properties.ToBuilder();
        var isThere = !change.IsRemoval && Sysfs.Exists(change.DevPath);
        if (isThere && Read(change.DevPath) is { } own)    // a person's word may name the device and no more
            foreach (var (key, value) in own.Properties) properties.TryAdd(key, value);
        properties["ACTION"] = change.Action;
        properties["DEVPATH"] = change.DevPath;
        var name = SysName(change.DevPath);
        properties["SYSNAME"] = name;
        var number = name[(name.AsSpan().LastIndexOfAnyExceptInRange('0', '9') + 1)..];
        if (number.Length > 0) properties["SYSNUM"] = number;
        if (properties.TryGetValue("DEVNAME", out var node) && !node.StartsWith('/')) properties["DEVNAME"] = $"/dev/{node}";
        if (isThere)
        {
            DerivedProperties.AddTo(properties, Sysfs, change.DevPath);
            foreach (var (key, value) in UdevDatabase(change.DevPath, properties)) properties[key] = value;
            foreach (var key in attributes)
                if (ValueOf(change.DevPath, key) is { } value) properties[key] = value;
        }
        return change with { Properties = properties.ToImmutable() };
    }

    private string? ValueOf(string devPath, string key)
    {
        if (key.StartsWith(Attribute, StringComparison.Ordinal)) return Sysfs.Attribute(devPath, key[Attribute.Length..]);
        if (!key.StartsWith(AncestorAttribute, StringComparison.Ordinal)) return null;
        foreach (var path in Sysfs.Chain(devPath))
            if (Sysfs.Attribute(path, key[AncestorAttribute.Length..]) is { } value) return value;
        return null;
    }

    /// <summary>The lines <c>E:KEY=value</c> of what udev keeps of a device.</summary>
    private IEnumerable<(string Key, string Value)> UdevDatabase(string devPath, ImmutableSortedDictionary<string, string>.Builder properties)
    {
        var subsystem = properties.GetValueOrDefault("SUBSYSTEM", "");
        var file = properties.TryGetValue("MAJOR", out var major) && properties.TryGetValue("MINOR", out var minor)
            ? $"{(subsystem == "block" ? 'b' : 'c')}{major}:{minor}"
            : properties.TryGetValue("IFINDEX", out var index) ? $"n{index}" : $"+{subsystem}:{Path.GetFileName(devPath)}";
        if (file.Contains('/', StringComparison.Ordinal)) yield break;
        string[] lines;
        try
        {
            lines = File.ReadAllLines(Path.Combine(udevData, file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            yield break;
        }
        foreach (var line in lines)
            if (line.StartsWith("E:", StringComparison.Ordinal) && line.IndexOf('=') is > 2 and var at) yield return (line[2..at], line[(at + 1)..]);
    }
}
