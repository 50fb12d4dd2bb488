using System.Collections.Immutable;
using Firn.Formats.Overlays;

namespace Firn.Machine.Overlays;

/// <summary><c>firn.ovl=</c> of the kernel command line: sources in place of the image's, with commas between them.</summary>
public static class OverlayParameter
{
    private const string Name = "firn.ovl=";

    /// <summary><c>firn.ovl=none</c>: no source is asked.</summary>
    private const string Nothing = "none";

    /// <exception cref="InvalidDataException">A source is not written as one.</exception>
    public static ImmutableArray<OverlaySource> Sources(string commandLine, OverlaySettings settings)
    {
        var given = commandLine.Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .LastOrDefault(word => word.StartsWith(Name, StringComparison.Ordinal))?[Name.Length..].Trim('"');
        if (given == Nothing) return [];
        return [.. (given?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [.. settings.Sources]).Select(text =>
            OverlaySource.TryParse(text, out var source) ? source
            : throw new InvalidDataException($"overlay source '{text}': expected {OverlaySource.Expected}"))];
    }
}
