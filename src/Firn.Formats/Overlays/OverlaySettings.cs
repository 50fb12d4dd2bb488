using System.Collections.Immutable;
using System.Globalization;

namespace Firn.Formats.Overlays;

/// <summary>What a machine does when no source has an overlay that it may take.</summary>
public enum OverlayFailure
{
    /// <summary>Goes on with the last good one, or without.</summary>
    LastGood,

    /// <summary>Goes on with none.</summary>
    Without,

    /// <summary>Goes on with the last good one while sources are only away; else, stops in the rescue system.</summary>
    Rescue,
}

/// <summary>What the recipe says of overlays: <c>overlays.conf</c> in an image, which no overlay can change.</summary>
/// <param name="Sources">As written, in the order in which they are asked.</param>
/// <param name="Keys">Public keys of minisign (<c>RW…</c>), any of which may have signed.</param>
/// <param name="Secrets">Label of the volume with the machine's name and key; null for none.</param>
/// <param name="WaitSeconds">How long a source may take to appear.</param>
public sealed record OverlaySettings(
    ImmutableArray<string> Sources, ImmutableArray<string> Keys, bool AllowsUnsigned, OverlayFailure OnFailure, string? Secrets, int WaitSeconds)
{
    /// <summary>In an image.</summary>
    public const string SettingsPath = "usr/lib/firn/overlays.conf";

    private const string Source = "source", Key = "key", Unsigned = "unsigned", Failure = "on.failure", SecretsLabel = "secrets", Wait = "wait";
    private static readonly string[] Failures = ["last-good", "without", "rescue"];

    public string ToText() => new NamedValues(
        [.. Sources.Select(source => new NamedValue(Source, source)), .. Keys.Select(key => new NamedValue(Key, key))])
        .With(Unsigned, AllowsUnsigned ? "yes" : null)
        .With(Failure, Failures[(int)OnFailure])
        .With(SecretsLabel, Secrets)
        .With(Wait, WaitSeconds.ToString(CultureInfo.InvariantCulture))
        .ToText();

    /// <param name="fileName">For messages.</param>
    /// <exception cref="InvalidDataException">Not settings.</exception>
    public static OverlaySettings Read(string text, string fileName)
    {
        var values = NamedValues.Parse(text, fileName);
        var failure = Array.IndexOf(Failures, values.Find(Failure));
        return failure >= 0 && int.TryParse(values.Find(Wait), NumberStyles.None, CultureInfo.InvariantCulture, out var wait)
            ? new(values.Of(Source), values.Of(Key), values.Find(Unsigned) == "yes", (OverlayFailure)failure, values.Find(SecretsLabel), wait)
            : throw new InvalidDataException($"{fileName}: {Failure} or {Wait} is missing or wrong");
    }
}
