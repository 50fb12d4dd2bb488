using Firn.Devices.Rules;

namespace Firn.Devices.Matching;

/// <summary>What the rules say of a device.</summary>
public abstract record Decision
{
    private Decision() { }

    /// <summary>No rule fits.</summary>
    public sealed record None : Decision;

    /// <summary>A rule says that nothing is started for it.</summary>
    public sealed record Ignored(DeviceRule Rule) : Decision;

    /// <summary>The rule that fits is for another user, or another place.</summary>
    public sealed record Foreign(DeviceRule Rule) : Decision;

    public sealed record Serve(DeviceRule Rule, string Service) : Decision;
}

/// <summary>Whether a rule fits a device, and why.</summary>
public sealed record RuleVerdict(DeviceRule Rule, bool Fits, string Reason);
