using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Firn.Linux.Files;

namespace Firn.Machine.Overlays;

/// <param name="Sha256">Of the file with its signature, lower-case hexadecimal.</param>
/// <param name="Source">Where it came from.</param>
/// <param name="IsProven">The repository spoke for it when it was fetched.</param>
public sealed record KeptOverlay(string Sha256, string Source, bool IsProven)
{
    public static string Hash(ReadOnlySpan<byte> file) => Convert.ToHexStringLower(SHA256.HashData(file));
}

/// <param name="TriesLeft">Boots it has left, without the one that runs.</param>
public sealed record OverlayTrialState(KeptOverlay Overlay, int TriesLeft);

public sealed record RejectedOverlay(string Sha256, string Reason);

/// <summary>What a machine remembers of overlays from boot to boot.</summary>
/// <param name="Good">The last one after which the machine was healthy.</param>
/// <param name="Trial">One that has not proved itself yet.</param>
/// <param name="Offered">One that a person gave, for the next boot.</param>
/// <param name="Rejected">Those that failed; they are not tried again. The latest last.</param>
public sealed record OverlayState(
    KeptOverlay? Good, OverlayTrialState? Trial, KeptOverlay? Offered, ImmutableArray<RejectedOverlay> Rejected)
{
    private const int MaximumRejected = 16;

    public static OverlayState Empty { get; } = new(null, null, null, []);

    public RejectedOverlay? Rejection(string sha256) => Rejected.LastOrDefault(one => one.Sha256 == sha256);

    public OverlayState Confirm() => Trial is { } trial ? this with { Good = trial.Overlay, Trial = null } : this;

    public OverlayState Reject(string reason) => Trial is not { } trial ? this : this with
    {
        Trial = null,
        Rejected = [.. Rejected.Where(one => one.Sha256 != trial.Overlay.Sha256).TakeLast(MaximumRejected - 1), new(trial.Overlay.Sha256, reason)],
    };
}

/// <summary>The memory itself: a directory on the data partition, with a file for each overlay that may be needed again.</summary>
public sealed class OverlayStore(string directory)
{
    private string StateFile => Path.Combine(directory, "state.json");

    /// <summary>A state that cannot be read is as good as none: the sources are asked again.</summary>
    public OverlayState Read()
    {
        try
        {
            return File.Exists(StateFile) && JsonSerializer.Deserialize(File.ReadAllBytes(StateFile), OverlayStateJson.Default.OverlayState)
                is { Rejected.IsDefault: false } state ? state : OverlayState.Empty;
        }
        catch (JsonException)
        {
            return OverlayState.Empty;
        }
    }

    /// <summary>Files that the state does not name are removed.</summary>
    public void Write(OverlayState state)
    {
        DurableFile.Replace(StateFile, JsonSerializer.SerializeToUtf8Bytes(state, OverlayStateJson.Default.OverlayState));
        string[] wanted = [.. new[] { state.Good, state.Trial?.Overlay, state.Offered }.OfType<KeptOverlay>().Select(one => FileOf(one.Sha256))];
        foreach (var file in Directory.GetFiles(directory, "*.ovl"))
            if (!wanted.Contains(file)) File.Delete(file);
    }

    /// <summary>Before the state names it.</summary>
    public void Keep(KeptOverlay overlay, ReadOnlySpan<byte> file)
    {
        if (Load(overlay) is not null) return;
        Directory.CreateDirectory(directory);
        RawFiles.SetMode(RawPath.From(directory), 0x1c0);    // machine keys may be in what is kept
        DurableFile.Replace(FileOf(overlay.Sha256), file);
    }

    /// <summary>Null if it is gone or damaged.</summary>
    public byte[]? Load(KeptOverlay overlay)
    {
        if (!File.Exists(FileOf(overlay.Sha256))) return null;
        var file = File.ReadAllBytes(FileOf(overlay.Sha256));
        return KeptOverlay.Hash(file) == overlay.Sha256 ? file : null;
    }

    private string FileOf(string sha256) => Path.Combine(directory, $"{sha256}.ovl");
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(OverlayState))]
[JsonSerializable(typeof(OverlayStatus))]
internal sealed partial class OverlayStateJson : JsonSerializerContext;
