namespace Firn.Supervision.Control;

/// <summary>Where a command's answer goes.</summary>
/// <param name="Send">A line on the way.</param>
/// <param name="End">The exit code and a message; exactly once.</param>
internal sealed record CommandAnswer(Action<byte[]> Send, Action<int, string> End)
{
    /// <summary>Gives the connection itself away: to a terminal.</summary>
    public Func<Firn.Linux.Events.Descriptor?>? TakeOver { get; init; }

    /// <summary>Whether nobody listens any more.</summary>
    public Func<bool> Closed { get; init; } = () => false;
}
