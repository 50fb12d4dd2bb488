using System.Collections.Immutable;
using Firn.Formats.Overlays;
using Firn.Formats.Resets;

namespace Firn.Agent.Rescue;

/// <summary>What the image says of rescue: lines <c>wait=yes</c> or <c>no</c>, <c>keep=PATTERN</c>.</summary>
/// <param name="IsWaiting">Whether the rescue system does something by itself.</param>
/// <param name="Keep">What it takes from the machine's own <c>/etc</c>, besides what it always does.</param>
public sealed record RescueConfiguration(bool IsWaiting, ImmutableArray<KeepPattern> Keep)
{
    public const string SettingsPath = "usr/lib/firn/rescue.conf";

    /// <exception cref="InvalidDataException">A line cannot be understood.</exception>
    public static RescueConfiguration Read(string root)
    {
        var file = Path.Combine(root, SettingsPath);
        var values = File.Exists(file) ? NamedValues.Parse(File.ReadAllText(file), file) : NamedValues.None;
        return new(values.Find("wait") == "yes", [.. values.Of("keep").Select(text =>
            KeepPattern.TryParse(text) ?? throw new InvalidDataException($"{file}: keep cannot be '{text}'; expected {KeepPattern.Expected}"))]);
    }
}
