using System.Collections.Immutable;

namespace Firn.Devices.Rules;

/// <summary>A property and what its value must look like.</summary>
public sealed record Condition(string Key, ValuePattern Pattern);

/// <summary>Which devices a service is for, and how it is started for one.</summary>
/// <param name="File">Where a person wrote it, for messages.</param>
/// <param name="Match">One of these must fit, with all of its conditions. None: it fits nothing.</param>
/// <param name="Service">A template without its <c>@</c>; null: nothing is started for such devices.</param>
public sealed record DeviceRule(string File, int Line, ImmutableArray<ImmutableArray<Condition>> Match, string? Service)
{
    /// <summary>Given to the service; a value <c>@KEY</c> stands for that property of the device.</summary>
    public ImmutableSortedDictionary<string, string> Data { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Whose daemon starts the service, and at which place; null: any.</summary>
    public string? User { get; init; }
    public string? Site { get; init; }

    /// <summary>What stands after the <c>@</c> of the unit: a word, or <c>@KEY</c>; null: the device's name.</summary>
    public string? Instance { get; init; }

    /// <summary>How long a device must be there before its service is started.</summary>
    public TimeSpan Settle { get; init; }

    /// <summary>How long a device must be gone before its service is stopped.</summary>
    public TimeSpan StopDelay { get; init; }

    /// <summary>Below <c>/dev</c>: leads to the device while its service is wanted.</summary>
    public string? Symlink { get; init; }

    /// <summary>The highest is asked first.</summary>
    public int Priority { get; init; }

    /// <summary>For people.</summary>
    public string Name => $"{Path.GetFileName(File)}:{Line}";
}
