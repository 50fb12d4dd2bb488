using System.Collections.Immutable;

namespace Firn.Devices.State;

/// <summary>All that a handler knows: devices by their path, and what runs for them by unit. A value; <see cref="Transitions"/> makes the next.</summary>
public sealed record HandlerState(
    ImmutableSortedDictionary<string, KnownDevice> Devices, ImmutableSortedDictionary<string, Assignment> Assignments)
{
    public static readonly HandlerState Empty = new(
        ImmutableSortedDictionary.Create<string, KnownDevice>(StringComparer.Ordinal),
        ImmutableSortedDictionary.Create<string, Assignment>(StringComparer.Ordinal));

    /// <summary>The last events of devices that are gone, so that the same event by another way does not bring them back.</summary>
    public ImmutableDictionary<string, ulong> Gone { get; init; } = ImmutableDictionary<string, ulong>.Empty;

    /// <summary>When something is to be done next that no event announces; null: never.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            DateTimeOffset? next = null;
            foreach (var assignment in Assignments.Values)
                if (assignment.Due is { } due && !(due >= next)) next = due;
            return next;
        }
    }
}

/// <summary>The state after something happened, and what is to be done about it.</summary>
public sealed record Step(HandlerState State, ImmutableArray<ServiceOrder> Orders);
