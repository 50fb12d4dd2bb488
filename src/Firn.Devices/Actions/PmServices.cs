using Firn.Devices.State;

namespace Firn.Devices.Actions;

/// <summary>Our own supervisor: <c>firn pm start unit@instance KEY=value…</c>, each value a parameter of the unit.</summary>
/// <param name="program">This <c>firn</c>.</param>
/// <param name="home">The manager's directory; null: where it is by itself.</param>
public sealed class PmServices(string program, string? home) : CommandLineManager
{
    public override IReadOnlyList<string> CommandFor(ServiceOrder order, string environmentFile) =>
    [
        program, "pm", VerbOf(order), order.Target.Unit,
        .. order.Verb == ServiceVerb.Stop ? [] : order.Target.Environment.Split('\n', StringSplitOptions.RemoveEmptyEntries),
        .. home is null ? (string[])[] : ["--home", home], "--quiet",
    ];
}
