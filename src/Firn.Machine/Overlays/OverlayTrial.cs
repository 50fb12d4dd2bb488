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

    /// <summary>Holds the hash of the overlay that has to prove itself, if one has.</summary>
    public static string RunningFile(MachinePaths paths) => Path.Combine(paths.OverlayRuntime, "on-trial");

    public bool IsRunning => File.Exists(RunningFile(paths)) && _store.Read().Trial?.Sha256 == File.ReadAllText(RunningFile(paths));

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
