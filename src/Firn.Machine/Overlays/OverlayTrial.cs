using Firn.Linux.Files;
using Firn.Machine.Boot;

namespace Firn.Machine.Overlays;

/// <summary>The overlay of the boot that runs, while it has to prove itself.</summary>
public sealed class OverlayTrial(MachinePaths paths)
{
    private readonly OverlayStore _store = new(paths.OverlayState);

    /// <summary>Where the guard of a boot, or the health checks, leave why an overlay was given up.</summary>
    public static string ReasonFile(MachinePaths paths) => Path.Combine(paths.OverlayState, "reason");

    /// <summary>Tells the guard that it was decided.</summary>
    private string JudgedFile => Path.Combine(paths.OverlayRuntime, "judged");

    public bool IsRunning => OverlayStatus.Read(paths) is { IsOnTrial: true } status && _store.Read().Trial?.Overlay.Sha256 == status.Sha256;

    /// <summary>From now on it is the last good one.</summary>
    public void Confirm() => Decide(_store.Read().Confirm());

    /// <summary>It is not tried again; the machine should restart.</summary>
    public void Reject(string reason) => Decide(_store.Read().Reject(reason));

    private void Decide(OverlayState state)
    {
        _store.Write(state);
        DurableFile.Remove(ReasonFile(paths));
        File.WriteAllText(JudgedFile, "");
    }
}
