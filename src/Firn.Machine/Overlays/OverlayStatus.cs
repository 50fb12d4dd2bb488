using System.Collections.Immutable;
using System.Text;
using Firn.Machine.Boot;

namespace Firn.Machine.Overlays;

public enum OverlayOutcome
{
    /// <summary>A layer lies over the root image.</summary>
    Applied,

    /// <summary>The system is the image as it is.</summary>
    Without,

    /// <summary>The image wants the rescue system instead.</summary>
    Rescue,
}

/// <summary>What was done about overlays at a boot.</summary>
/// <param name="Source">Where the overlay came from; null without one.</param>
/// <param name="Signer">Who signed it, in words.</param>
/// <param name="IsLastGood">It is the copy that was kept, because no source had one to take.</param>
/// <param name="IsOnTrial">It has to prove itself.</param>
/// <param name="Layers">Those that are for this machine.</param>
/// <param name="Files">How many files, directories and links it laid over the image.</param>
/// <param name="Problems">Why sources were passed over.</param>
public sealed record OverlayStatus(
    OverlayOutcome Outcome, string? Source, string? Signer, bool IsLastGood, bool IsOnTrial,
    ImmutableArray<string> Layers, int Files, ImmutableArray<string> Problems)
{
    /// <summary>For people: a line for each source that was passed over, then what was done.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        foreach (var problem in Problems) text.Append(problem).Append('\n');
        if (Outcome != OverlayOutcome.Applied)
            return text.Append("no overlay: ").Append(Outcome == OverlayOutcome.Rescue ? "this image wants the rescue system then" : "the system is the image as it is").Append('\n').ToString();
        text.Append($"overlay from {Source}, {Signer}: {Files} files and directories");
        if (!Layers.IsEmpty) text.Append(", layers ").AppendJoin(", ", Layers);
        if (IsLastGood) text.Append(" (the last good one)");
        if (IsOnTrial) text.Append(" (on trial)");
        return text.Append('\n').ToString();
    }

    public void Write(MachinePaths paths)
    {
        Directory.CreateDirectory(paths.OverlayRuntime);
        File.WriteAllText(FileIn(paths), ToText());
    }

    /// <summary>What <see cref="ToText"/> said at the boot that runs; null if nothing was done about overlays.</summary>
    public static string? Read(MachinePaths paths) => File.Exists(FileIn(paths)) ? File.ReadAllText(FileIn(paths)) : null;

    private static string FileIn(MachinePaths paths) => Path.Combine(paths.OverlayRuntime, "status");
}
