using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Firn.Formats.Overlays;
using Firn.Linux.Files;

namespace Firn.Machine.Overlays;

/// <param name="Sha256">Of the file with its signature, lower-case hexadecimal.</param>
/// <param name="Source">Where it came from.</param>
/// <param name="IsProven">The repository spoke for it when it was fetched.</param>
public sealed record KeptOverlay(string Sha256, string Source, bool IsProven)
{
    public static string Hash(ReadOnlySpan<byte> file) => Convert.ToHexStringLower(SHA256.HashData(file));

    public string ToText() => $"{Sha256} {(IsProven ? "proven" : "-")} {Source}";

    /// <summary>Null for what is none.</summary>
    public static KeptOverlay? Read(string? text) =>
        text?.Split(' ', 3) is [{ Length: 64 } sha256, var proven, var source] && sha256.All(char.IsAsciiHexDigitLower)
            ? new(sha256, source, proven == "proven") : null;
}

/// <summary>What a machine remembers of overlays from boot to boot.</summary>
/// <param name="Good">The last one after which the machine was healthy.</param>
/// <param name="Trial">One that has not proved itself yet.</param>
/// <param name="TriesLeft">Boots that has left, without the one that runs.</param>
/// <param name="Offered">One that a person gave, for the next boot.</param>
/// <param name="Rejected">Those that failed, hash and reason; they are not tried again. The latest last.</param>
public sealed record OverlayState(
    KeptOverlay? Good, KeptOverlay? Trial, int TriesLeft, KeptOverlay? Offered, ImmutableArray<NamedValue> Rejected)
{
    private const int MaximumRejected = 16;

    public static OverlayState Empty { get; } = new(null, null, 0, null, []);

    /// <summary>Why an overlay is not tried again; null if it may be.</summary>
    public string? Rejection(string sha256) => Rejected.LastOrDefault(one => one.Name == sha256)?.Value;

    public OverlayState Confirm() => Trial is null ? this : this with { Good = Trial, Trial = null };

    public OverlayState Reject(string reason) => Trial is null ? this : this with
    {
        Trial = null,
        Rejected = [.. Rejected.Where(one => one.Name != Trial.Sha256).TakeLast(MaximumRejected - 1), new(Trial.Sha256, reason)],
    };

    public string ToText() => new NamedValues([.. Rejected.Select(one => new NamedValue("rejected", $"{one.Name} {one.Value}"))])
        .With("good", Good?.ToText()).With("trial", Trial?.ToText()).With("offered", Offered?.ToText())
        .With("left", Trial is null ? null : TriesLeft.ToString(CultureInfo.InvariantCulture)).ToText();

    /// <exception cref="InvalidDataException">Not a state.</exception>
    public static OverlayState Read(string text)
    {
        var values = NamedValues.Parse(text, "state");
        _ = int.TryParse(values.Find("left"), NumberStyles.None, CultureInfo.InvariantCulture, out var left);
        return new(
            KeptOverlay.Read(values.Find("good")), KeptOverlay.Read(values.Find("trial")), left, KeptOverlay.Read(values.Find("offered")),
            [.. values.Of("rejected").Select(one => one.Split(' ', 2)).Where(parts => parts is [{ Length: 64 }, _]).Select(parts => new NamedValue(parts[0], parts[1]))]);
    }
}

/// <summary>The memory itself: a directory on the data partition, with a file for each overlay that may be needed again.</summary>
public sealed class OverlayStore(string directory)
{
    private string StateFile => Path.Combine(directory, "state");

    /// <summary>A state that cannot be read is as good as none: the sources are asked again.</summary>
    public OverlayState Read()
    {
        try
        {
            return File.Exists(StateFile) ? OverlayState.Read(File.ReadAllText(StateFile)) : OverlayState.Empty;
        }
        catch (InvalidDataException)
        {
            return OverlayState.Empty;
        }
    }

    /// <summary>Files that the state does not name are removed.</summary>
    public void Write(OverlayState state)
    {
        DurableFile.Replace(StateFile, state.ToText());
        string[] wanted = [.. new[] { state.Good, state.Trial, state.Offered }.OfType<KeptOverlay>().Select(one => FileOf(one.Sha256))];
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
