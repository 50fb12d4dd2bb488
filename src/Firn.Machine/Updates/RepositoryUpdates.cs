using System.Collections.Immutable;
using Firn.Formats.Boot;
using Firn.Formats.Releases;
using Firn.Linux.Files;
using Firn.Machine.Boot;
using Firn.Trust.Bundles;
using Firn.Trust.Client;
using Firn.Trust.Releases;
using Firn.Trust.Transports;

namespace Firn.Machine.Updates;

/// <summary>What the repository that this machine's image was made for has for it.</summary>
public sealed class RepositoryUpdates(MachineDisk disk, IBootLoader bootLoader, MachinePaths paths, TimeProvider clock)
{
    /// <summary>Null if the image was made for none.</summary>
    /// <exception cref="InvalidDataException">The settings cannot be read.</exception>
    public static RepositorySettings? SettingsOf(MachinePaths paths)
    {
        if (!File.Exists(paths.TrustedRoot)) return null;
        var ofImage = File.Exists(paths.RepositoryOfImage) ? RepositorySettings.Read(File.ReadAllBytes(paths.RepositoryOfImage), paths.RepositoryOfImage) : null;
        return File.Exists(paths.RepositoryOfPerson)
            ? RepositorySettings.Read(File.ReadAllBytes(paths.RepositoryOfPerson), paths.RepositoryOfPerson, ofImage)
            : ofImage ?? throw new InvalidDataException($"{paths.RepositoryOfImage} is missing: the image says whom to believe, and not where to ask");
    }

    /// <summary>Asks the repository, or a bundle in its place, and judges every release of the channel.</summary>
    /// <param name="bundle">A bundle file, or a directory with a repository; null for the repository itself.</param>
    /// <param name="options">Whether a stale bundle will do.</param>
    /// <param name="waves">Whether this machine waits for its turn.</param>
    /// <exception cref="RefusedException">The image was made for no repository, or another firn is at it.</exception>
    /// <exception cref="Trust.TrustException">What the repository says is not to be believed.</exception>
    /// <exception cref="IOException">It cannot be reached.</exception>
    public async Task<UpdateOffer> CheckAsync(
        string? bundle, RefreshOptions options, WavePolicy waves, CancellationToken cancellation)
    {
        var settings = SettingsOf(paths) ?? throw new RefusedException(
            "this machine's image was made for no repository (recipe: repository), so there is nothing to compare signatures with");
        var machine = ReadMachine();
        var held = TakeLock();
        TrustClient? client = null;
        try
        {
            var store = new TrustStore(paths.TrustState);
            TrustedRoot.Seed(store, await File.ReadAllBytesAsync(paths.TrustedRoot, cancellation));
            var time = new SeenTime(paths.SeenTime, clock);
            client = new(store, OpenMirrors(paths, settings, bundle), time);
            var metadata = await client.RefreshAsync(options, cancellation);
            if (!options.AcceptsStale) time.Remember();
            var catalog = await ReleaseCatalog.ReadAsync(client, metadata, settings.Channel, cancellation);
            var choice = ReleaseChoice.Of(catalog.Releases, machine, time.GetUtcNow(), waves);
            var problems = client.Problems.Concat(catalog.Problems).Concat(time.Problem is { } problem ? [problem] : []);
            return new(client, held, UpdateCheck.Of(settings.Channel, machine, choice, [.. problems]), choice.Chosen);
        }
        catch
        {
            client?.Dispose();
            held.Dispose();
            throw;
        }
    }

    internal static ImmutableArray<ITransport> OpenMirrors(MachinePaths paths, RepositorySettings settings, string? bundle)
    {
        if (bundle is not null) return [Directory.Exists(bundle) ? new DirectoryTransport(bundle) : BundleTransport.Open(bundle)];
        var proxy = settings.Proxy is { } address ? new Uri(address) : null;
        var authorities = settings.Ca is { } file ? Path.Combine(paths.Root, file.TrimStart('/')) : null;
        return [.. settings.Urls.Select(url => Transport.Of(url, new(), proxy, authorities))];
    }

    private FileLock TakeLock()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(paths.TrustLock)!);
        return FileLock.TryTake(paths.TrustLock)
            ?? throw new RefusedException("another firn is asking the repository now; try again when that has ended");
    }

    /// <summary>
    /// The rescue system stands in for the slot that should run. It may be years older than that: nothing older than what was
    /// confirmed last is taken, whatever the slots can still say.
    /// </summary>
    private MachineFacts ReadMachine()
    {
        var slots = new SlotStore(disk);
        var confirmed = bootLoader.Read().Confirmed;
        var running = disk.Running is { Slot: not Slot.Rescue } booted ? booted.Slot : confirmed;
        var release = new[] { running, confirmed, Slot.Rescue }.Where(slots.Slots.Contains)
            .Select(slot => slots.Report(slot, 0).Release).FirstOrDefault(found => found is not null)
            ?? throw new RefusedException($"{disk.Name}: no slot says what this machine is");
        if (disk.Running?.Slot != Slot.Rescue) return new(release.Name, release.Version, release.Hardware, ReadMachineId());
        var last = new MachineHistory(paths.History, clock).Read().LastOrDefault(entry => entry.Event == HistoryEvent.Confirmed)?.Version;
        var version = last is not null && ReleaseOrder.IsNewer(last, release.Version) ? last : release.Version;
        return new(release.Name, version, release.Hardware, ReadMachineId(), IsDamaged(slots, confirmed));
    }

    /// <summary>What GRUB and the initramfs could not start is damaged, whatever can be read of it now.</summary>
    private bool IsDamaged(SlotStore slots, Slot confirmed)
    {
        if (RescueCauses.Read(paths) is RescueCause.BootImages or RescueCause.RootImage) return true;
        try
        {
            slots.CheckComplete(confirmed, CancellationToken.None);
            return false;
        }
        catch (RefusedException)
        {
            return true;
        }
    }

    /// <summary>Null where nothing made one: not every system has systemd.</summary>
    private string? ReadMachineId()
    {
        var id = File.Exists(paths.MachineId) ? File.ReadAllText(paths.MachineId).Trim() : "";
        return id.Length > 0 && id != "uninitialized" ? id : null;
    }
}
