using System.Collections.Immutable;

namespace Firn.Devices.Events;

/// <summary>Something happened to a device.</summary>
/// <param name="Action"><c>add</c>, <c>remove</c>, <c>change</c>, <c>bind</c>, <c>unbind</c>, <c>move</c>, or another word of the kernel's.</param>
/// <param name="DevPath">Of the device below <c>/sys</c>: begins with a slash.</param>
/// <param name="Properties">As the sender named them, <c>DEVPATH</c> and <c>ACTION</c> among them or not.</param>
public sealed record DeviceEvent(string Action, string DevPath, ImmutableSortedDictionary<string, string> Properties)
{
    /// <summary>The kernel counts its events; 0 for those that are not its own.</summary>
    public ulong Sequence =>
        Properties.TryGetValue("SEQNUM", out var text) && ulong.TryParse(text, out var number) ? number : 0;

    /// <summary>Whether the device, or what drives it, is gone.</summary>
    public bool IsRemoval => Action is "remove" or "unbind";
}
