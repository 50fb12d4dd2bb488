using System.Collections.Immutable;
using System.Text;
using Firn.Formats.Overlays;
using Firn.Machine.Boot;

namespace Firn.Machine.Overlays;

/// <summary>
/// What a small volume, or the data partition, says to one machine alone: its name, its key and more facts. Nothing of it is
/// copied but the name.
/// </summary>
/// <param name="NodeName">For <c>/etc/hostname</c>; null for none.</param>
/// <param name="Facts">More of this machine.</param>
public sealed record MachineSecrets(string? NodeName, NamedValues Facts, OverlayKeys Keys)
{
    private const int LimitBytes = 64 << 10;

    /// <param name="label">Of the volume; null for the data partition alone.</param>
    /// <exception cref="InvalidDataException">Something on it is not what it should be.</exception>
    public static MachineSecrets Read(MachinePaths paths, string? label, ImmutableArray<MachineVolume> volumes)
    {
        var volume = label is null ? null : volumes.FirstOrDefault(one => one.IsCalled(label));
        using var files = volume is null ? null : VolumeFiles.Open(volume, paths.OverlayMounts);
        string? Text(string name) =>
            files?.Find("/" + name, LimitBytes) is { } bytes ? Encoding.UTF8.GetString(bytes)
            : File.Exists(Path.Combine(paths.OverlayState, name)) ? File.ReadAllText(Path.Combine(paths.OverlayState, name))
            : null;

        var name = Text("nodename")?.Trim();
        if (name is not null && (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.')))
            throw new InvalidDataException("secrets: nodename must be up to 64 letters, digits, '.' and '-'");
        var facts = NamedValues.Parse(Text("facts") ?? "", "secrets: facts");
        if (name is not null) facts = facts.Replaced(NamedValues.None.With(NodeFacts.Hostname, name));
        return new(name, facts, new(Text("overlay.key"), Text("overlay.passphrase")?.Split('\n')[0].TrimEnd('\r')));
    }
}
