using Firn.Devices.Sources;

namespace Firn.Devices.Explaining;

/// <summary>A device or what it is plugged into, as udev's rules name it.</summary>
public sealed record ChainLink(string Kernel, string? Subsystem, string? Driver, Func<string, string?> Attribute)
{
    public static IReadOnlyList<ChainLink> Of(Sysfs sysfs, string devPath) =>
    [
        .. sysfs.Chain(devPath).Select(path => new ChainLink(
            Path.GetFileName(path), sysfs.LinkName(path, "subsystem"), sysfs.LinkName(path, "driver"), name => sysfs.Attribute(path, name))),
    ];
}
