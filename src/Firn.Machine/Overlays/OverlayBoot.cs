using System.Collections.Immutable;
using Firn.Formats.Overlays;
using Firn.Formats.Trees;
using Firn.Linux.Files;
using Firn.Machine.Boot;
using Firn.Machine.Etc;
using Firn.Trust;

namespace Firn.Machine.Overlays;

/// <summary>How this boot is meant.</summary>
/// <param name="Sources">In the order in which they are asked.</param>
/// <param name="Slot">The letter of the slot, whose <c>/etc</c> is kept apart.</param>
/// <param name="IsSlotOnTrial">The system itself has to prove itself: not the time for a new overlay as well.</param>
/// <param name="IsPersistent">There is a data partition.</param>
/// <param name="Tries">Boots that a new overlay has.</param>
public sealed record OverlayBootOptions(
    ImmutableArray<OverlaySource> Sources, string Slot, bool IsSlotOnTrial, bool IsPersistent, int Tries);

/// <summary>
/// What the initramfs asks for at each boot: finds the overlay for this boot, lays out the layer that goes over the root
/// image, and remembers what must not be tried again. docs/reference/overlay.md.
/// </summary>
public sealed class OverlayBoot(MachinePaths paths, OverlaySettings settings, OverlayFetch fetch, TimeProvider clock)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan NetworkPatience = TimeSpan.FromSeconds(60);

    private readonly OverlayStore _store = new(paths.OverlayState);
    private readonly List<string> _problems = [];
    private readonly long _begun = clock.GetTimestamp();
    private bool _wasRefused;

    /// <summary>An overlay that this machine may take, with what it gets of it.</summary>
    private sealed record Candidate(KeptOverlay Kept, byte[] File, string Signer, OverlayPlan Plan, FileTree Layer);

    public OverlayStatus Run(OverlayBootOptions options)
    {
        var state = _store.Read();
        if (state is { Trial: { } over, TriesLeft: <= 0 })
            state = Save(options, state.Reject(ReasonLeftBehind() ?? "was not confirmed in the boots it had"), $"{over.Source}: given up");
        var secrets = ReadSecrets();
        var facts = Facts(secrets);
        var taken = FromOffer(state, secrets, facts) ?? FromSources(options.Sources, state, secrets, facts);
        if (taken is not null && options.IsSlotOnTrial && state.Good is { } good && good.Sha256 != taken.Kept.Sha256)
        {
            _problems.Add($"{taken.Kept.Source}: is new, and waits until the new system is confirmed");
            taken = null;
        }
        var isLastGood = taken is null;
        taken ??= LastGood(state, secrets, facts);
        var isOnTrial = taken is not null && !isLastGood && options.IsPersistent && state.Good?.Sha256 != taken.Kept.Sha256;
        if (isOnTrial) BeginTry(state, taken!, options.Tries);
        Lay(taken, options);
        if (isOnTrial) File.WriteAllText(OverlayTrial.RunningFile(paths), taken!.Kept.Sha256);    // init.sh starts a guard
        return Report(taken, isLastGood, isOnTrial);
    }

    private MachineSecrets ReadSecrets()
    {
        while (settings.Secrets is { } label && !MachineVolumes.List(paths).Any(volume => volume.IsCalled(label)) && IsWorthWaiting)
            Thread.Sleep(PollInterval);
        try
        {
            return MachineSecrets.Read(paths, settings.Secrets, MachineVolumes.List(paths));
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            _problems.Add(error.Message);
            return new(null, NamedValues.None, OverlayKeys.None);
        }
    }

    private NamedValues Facts(MachineSecrets secrets) => FactFinder.Find(paths, MachineVolumes.List(paths)).Replaced(secrets.Facts);

    private Candidate? FromOffer(OverlayState state, MachineSecrets secrets, NamedValues facts)
    {
        if (state.Offered is not { } offered || offered.Sha256 == state.Good?.Sha256 || state.Rejection(offered.Sha256) is not null) return null;
        return _store.Load(offered) is { } file ? Consider(new(file, offered.IsProven), offered.Source, state, secrets, facts) : null;
    }

    private Candidate? FromSources(ImmutableArray<OverlaySource> sources, OverlayState state, MachineSecrets secrets, NamedValues facts)
    {
        foreach (var source in sources)
            if (Fetch(source) is { } fetched && Consider(fetched, source.ToString(), state, secrets, facts) is { } candidate) return candidate;
        return null;
    }

    /// <summary>A source may appear a while after the kernel has started: a USB drive, a network.</summary>
    private FetchedOverlay? Fetch(OverlaySource source)
    {
        if (source.NeedsNetwork) WaitForNetwork();
        while (true)
        {
            try
            {
                return fetch.Fetch(source);
            }
            catch (FileNotFoundException) when (source.Kind is OverlaySourceKind.Label or OverlaySourceKind.Btrfs && IsWorthWaiting)
            {
                Thread.Sleep(PollInterval);
            }
            catch (Exception error) when (error is InvalidDataException or TrustException)
            {
                _wasRefused = true;
                return Passed(error);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return Passed(error);
            }
        }

        FetchedOverlay? Passed(Exception error)
        {
            _problems.Add(error.Message.StartsWith(source.ToString(), StringComparison.Ordinal) ? error.Message : $"{source}: {error.Message}");
            return null;
        }
    }

    /// <summary>For secrets and sources together.</summary>
    private bool IsWorthWaiting => clock.GetElapsedTime(_begun) < TimeSpan.FromSeconds(settings.WaitSeconds);

    /// <summary>The initramfs writes there how far it has come; without it, somebody else looks after the network.</summary>
    private void WaitForNetwork()
    {
        var begun = clock.GetTimestamp();
        while (File.Exists(paths.NetworkStage) && File.ReadAllText(paths.NetworkStage).Trim() == "pending" && clock.GetElapsedTime(begun) < NetworkPatience)
            Thread.Sleep(PollInterval);
    }

    private Candidate? Consider(FetchedOverlay fetched, string source, OverlayState state, MachineSecrets secrets, NamedValues facts)
    {
        var kept = new KeptOverlay(KeptOverlay.Hash(fetched.File), source, fetched.IsProven);
        if (state.Rejection(kept.Sha256) is { } reason)
        {
            _problems.Add($"{source}: failed before: {reason}");
            return null;
        }
        try
        {
            var (content, signer) = fetched.IsProven
                ? (OverlayText.Split(fetched.File).Content, "proven by the repository")
                : new OverlayTrust(settings.Keys, settings.AllowsUnsigned).Verify(fetched.File, source);
            var plan = OverlayPlan.Of(OverlayFile.Open(content, secrets.Keys), facts);
            if (secrets.NodeName is { } name && plan.Tree.Find("etc/hostname") is null)
                plan.Tree.Put("etc/hostname", new(FileKind.File) { Content = FileContent.Of(name + "\n") });
            return new(kept, fetched.File, signer, plan, OverlayDeployment.Fit(plan.Tree, paths.Root));
        }
        catch (Exception error) when (error is InvalidDataException or TrustException or EndOfStreamException)
        {
            _wasRefused = true;
            _problems.Add(error.Message.StartsWith(source, StringComparison.Ordinal) ? error.Message : $"{source}: {error.Message}");
            return null;
        }
    }

    private Candidate? LastGood(OverlayState state, MachineSecrets secrets, NamedValues facts)
    {
        if (state.Good is not { } good || settings.OnFailure == OverlayFailure.Without) return null;
        if (settings.OnFailure == OverlayFailure.Rescue && _wasRefused) return null;
        return _store.Load(good) is { } file ? Consider(new(file, good.IsProven), good.Source, state, secrets, facts) : null;
    }

    /// <summary>Counted before it is used: whatever happens, it is used so often and no more.</summary>
    private void BeginTry(OverlayState state, Candidate taken, int tries)
    {
        var left = state.Trial?.Sha256 == taken.Kept.Sha256 ? state.TriesLeft : tries;
        _store.Keep(taken.Kept, taken.File);
        _store.Write(state with { Trial = taken.Kept, TriesLeft = left - 1, Offered = null });
        DurableFile.Remove(OverlayTrial.ReasonFile(paths));
    }

    private OverlayState Save(OverlayBootOptions options, OverlayState state, string problem)
    {
        _problems.Add(problem);
        if (options.IsPersistent) _store.Write(state);
        return state;
    }

    private string? ReasonLeftBehind() => File.Exists(OverlayTrial.ReasonFile(paths)) ? File.ReadAllText(OverlayTrial.ReasonFile(paths)).Trim() : null;

    private void Lay(Candidate? taken, OverlayBootOptions options)
    {
        var layer = Path.Combine(paths.OverlayRuntime, "layer");
        Directory.CreateDirectory(paths.OverlayRuntime);
        DirectoryTree.Remove(layer);
        if (options.IsPersistent)
            foreach (var (place, kept) in new[] { ("etc", $"etc/{options.Slot}"), ("var", "var"), ("home", "home"), ("root", "root") })
                new DisplacedFiles(
                    Path.Combine(paths.Data, "firn", kept, "upper"), Path.Combine(paths.OverlayState, "displaced", kept)).Arrange(taken?.Layer.Find(place));
        if (taken is not null) DirectoryTree.Write(taken.Layer, layer);
    }

    private OverlayStatus Report(Candidate? taken, bool isLastGood, bool isOnTrial)
    {
        var outcome = (taken, settings.OnFailure) switch
        {
            (not null, _) => OverlayOutcome.Applied,
            (null, OverlayFailure.Rescue) => OverlayOutcome.Rescue,
            _ => OverlayOutcome.Without,
        };
        var status = new OverlayStatus(
            outcome, taken?.Kept.Source, taken?.Signer, taken is not null && isLastGood, isOnTrial,
            taken?.Plan.Layers ?? [], taken?.Layer.Walk().Count() ?? 0, [.. _problems]);
        status.Write(paths);
        return status;
    }
}
