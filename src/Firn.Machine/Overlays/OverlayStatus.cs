using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Firn.Machine.Boot;

namespace Firn.Machine.Overlays;

public enum OverlayOutcome
{
    /// <summary>A layer lies over the root image.</summary>
    [JsonStringEnumMemberName("applied")] Applied,

    /// <summary>The system is the image as it is.</summary>
    [JsonStringEnumMemberName("without")] Without,

    /// <summary>The image wants the rescue system instead.</summary>
    [JsonStringEnumMemberName("rescue")] Rescue,
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
    [property: JsonConverter(typeof(JsonStringEnumConverter<OverlayOutcome>))] OverlayOutcome Outcome,
    string? Source, string? Sha256, string? Signer, bool IsLastGood, bool IsOnTrial,
    ImmutableArray<string> Layers, int Files, ImmutableArray<string> Problems)
{
    public static string FileIn(MachinePaths paths) => Path.Combine(paths.OverlayRuntime, "status.json");

    /// <summary>Of the boot that runs; null if nothing was done about overlays.</summary>
    public static OverlayStatus? Read(MachinePaths paths) => !File.Exists(FileIn(paths)) ? null
        : JsonSerializer.Deserialize(File.ReadAllBytes(FileIn(paths)), OverlayStateJson.Default.OverlayStatus);

    public void Write(MachinePaths paths)
    {
        Directory.CreateDirectory(paths.OverlayRuntime);
        File.WriteAllBytes(FileIn(paths), JsonSerializer.SerializeToUtf8Bytes(this, OverlayStateJson.Default.OverlayStatus));
    }
}
