using System.Diagnostics;
using System.Globalization;

namespace Firn.Images.VirtualMachines;

/// <summary>A moment after which nobody waits any more, on the monotonic clock.</summary>
internal readonly struct Deadline(TimeSpan limit)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public TimeSpan Limit { get; } = limit;

    /// <summary>Never negative.</summary>
    public TimeSpan Left => Limit - Stopwatch.GetElapsedTime(_start) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    public bool IsOver => Left == TimeSpan.Zero;

    /// <summary>The same moment, or an earlier one: so long from now.</summary>
    public Deadline Within(TimeSpan limit) => new(limit < Left ? limit : Left);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Limit.TotalSeconds:0.#} s");
}
