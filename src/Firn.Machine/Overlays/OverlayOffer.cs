using Firn.Formats.Overlays;
using Firn.Machine.Boot;

namespace Firn.Machine.Overlays;

/// <summary>An overlay that a person gives a running machine, such as from a USB drive: taken from the next boot on.</summary>
public static class OverlayOffer
{
    /// <returns>What the machine would get of it.</returns>
    /// <exception cref="Trust.TrustException">Nobody signed it that counts.</exception>
    /// <exception cref="InvalidDataException">It cannot be applied here.</exception>
    /// <exception cref="RefusedException">It failed on this machine before.</exception>
    public static OverlayPlan Keep(MachinePaths paths, OverlaySettings settings, FetchedOverlay fetched, string source)
    {
        var store = new OverlayStore(paths.OverlayState);
        var state = store.Read();
        var kept = new KeptOverlay(KeptOverlay.Hash(fetched.File), source, fetched.IsProven);
        if (state.Rejection(kept.Sha256) is { } reason) throw new RefusedException($"{source}: failed on this machine before: {reason}");
        var content = fetched.IsProven
            ? OverlayText.Split(fetched.File).Content
            : new OverlayTrust(settings.Keys, settings.AllowsUnsigned).Verify(fetched.File, source).Content;
        var volumes = MachineVolumes.List(paths);
        var secrets = MachineSecrets.Read(paths, settings.Secrets, volumes);
        var plan = OverlayPlan.Of(OverlayFile.Open(content, secrets.Keys), FactFinder.Find(paths, volumes).Replaced(secrets.Facts));
        OverlayDeployment.Fit(plan.Tree, paths.Root);
        store.Keep(kept, fetched.File);
        store.Write(state with { Offered = kept });
        return plan;
    }
}
