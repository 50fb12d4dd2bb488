using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Firn.Formats.Overlays;
using Firn.Machine.Boot;

namespace Firn.Machine.Overlays;

/// <summary>What the kernel and the firmware tell of this machine.</summary>
public static class FactFinder
{
    /// <summary>What boards say whose maker said nothing: they tell no machine from another.</summary>
    private static readonly string[] Placeholders =
    [
        "none", "0", "unknown", "default string", "not specified", "not applicable", "system serial number", "to be filled by o.e.m.",
        "o.e.m.", "123456789", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "03000200-0400-0500-0006-000700080009",
    ];

    /// <summary>What DMI says of machines that are none, as systemd-detect-virt(1) calls them.</summary>
    private static readonly (string Vendor, string Name)[] Virtualizations =
    [
        ("QEMU", "qemu"), ("KVM", "kvm"), ("OpenStack", "kvm"), ("VMware", "vmware"), ("VMW", "vmware"), ("innotek GmbH", "oracle"),
        ("VirtualBox", "oracle"), ("Xen", "xen"), ("Bochs", "bochs"), ("Parallels", "parallels"), ("BHYVE", "bhyve"),
        ("Amazon EC2", "amazon"), ("Google Compute Engine", "google"), ("Virtual Machine", "microsoft"),
    ];

    /// <param name="volumes">All that are there.</param>
    public static NamedValues Find(MachinePaths paths, ImmutableArray<MachineVolume> volumes)
    {
        var facts = NamedValues.None
            .With(NodeFacts.Uuid, Dmi("product_uuid").ToLowerInvariant())
            .With(NodeFacts.Serial, Dmi("product_serial"))
            .With(NodeFacts.Serial, Dmi("board_serial"))
            .With(NodeFacts.Serial, Useful(Text("proc/device-tree/serial-number")))
            .With(NodeFacts.Kernel, Text("proc/sys/kernel/ostype"))
            .With(NodeFacts.Release, Text("proc/sys/kernel/osrelease"))
            .With(NodeFacts.Hostname, Text("etc/hostname"))
            .With(NodeFacts.Virtualization, Virtualization(Dmi("sys_vendor"), Dmi("product_name"), Text("sys/hypervisor/type")));
        foreach (var name in ArchitectureNames()) facts = facts.With(NodeFacts.Architecture, name);
        foreach (var mac in Macs(paths)) facts = facts.With(NodeFacts.Mac, mac);
        foreach (var volume in volumes) facts = facts.With(NodeFacts.Volume, volume.Header?.Uuid ?? "");
        return facts;

        string Text(string path) => Read(Path.Combine(paths.Root, path));
        string Dmi(string name) => Useful(Text($"sys/class/dmi/id/{name}"));
    }

    private static IEnumerable<string> Macs(MachinePaths paths) => !Directory.Exists(paths.NetworkDevices) ? [] :
        Directory.GetFileSystemEntries(paths.NetworkDevices).Order(StringComparer.Ordinal)
            .Where(entry => Read(Path.Combine(entry, "type")) == "1")    // ARPHRD_ETHER: not the loopback
            .Select(entry => Read(Path.Combine(entry, "address")).ToLowerInvariant())
            .Where(mac => mac != "00:00:00:00:00:00");

    /// <summary>As the kernel calls it, and as Debian does.</summary>
    private static string[] ArchitectureNames() => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => ["x86_64", "amd64"],
        Architecture.Arm64 => ["aarch64", "arm64"],
        var other => [other.ToString().ToLowerInvariant()],
    };

    private static string Virtualization(string vendor, string product, string hypervisor)
    {
        foreach (var (text, name) in Virtualizations)
            if (vendor.StartsWith(text, StringComparison.Ordinal) || product.StartsWith(text, StringComparison.Ordinal)) return name;
        return hypervisor.Length > 0 ? hypervisor : "none";
    }

    private static string Useful(string text) => Placeholders.Contains(text.ToLowerInvariant()) ? "" : text;

    private static string Read(string path)
    {
        try
        {
            return File.Exists(path) ? new string([.. File.ReadAllText(path).Where(c => !char.IsControl(c))]).Trim() : "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";    // some are for root only
        }
    }
}
