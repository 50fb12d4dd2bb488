using System.Collections.Immutable;

namespace Firn.Devices.State;

/// <summary>A device that is there.</summary>
/// <param name="Properties">All that is known of it.</param>
/// <param name="Sequence">The kernel's number of the last event; 0 for a device found by looking.</param>
/// <param name="Target">What should run for it; null: nothing.</param>
public sealed record KnownDevice(string DevPath, ImmutableSortedDictionary<string, string> Properties, ulong Sequence, ServiceTarget? Target);
