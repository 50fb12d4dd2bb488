using Firn.Formats.Boot;
using Firn.Formats.Releases;
using Firn.Linux.Block;
using Firn.Machine.Boot;
using Firn.Machine.Updates;
using Firn.Swu.Archives;
using Firn.Swu.Descriptions;
using Firn.Swu.Signatures;

namespace Firn.Swu.Installing;

/// <summary>
/// Installs .swu files, whoever made them. First the signature, then everything that could be wrong, by name, then all bytes against the
/// description; only then is anything written. Images for a slot go the way of every release, and the boot state is written last.
/// </summary>
/// <param name="disk">The disk with the slots.</param>
/// <param name="bootLoader">Its boot loader.</param>
/// <param name="paths">Of the machine.</param>
/// <param name="settings">Whose files are taken.</param>
/// <param name="clock">When certificates must be in force.</param>
/// <param name="record">Called before a trial is set.</param>
public sealed class SwuInstaller(
    MachineDisk disk, IBootLoader bootLoader, MachinePaths paths, SwuSettings settings, TimeProvider clock, Action<Slot, ReleaseManifest> record)
{
    /// <param name="source">A file, an http(s) address, or <c>-</c> for standard input: what can only be read once is kept until it has been installed.</param>
    /// <param name="fetch">Opens an address.</param>
    /// <inheritdoc cref="InstallAsync(SwuArchive, InstallOptions, IProgress{InstallProgress}, CancellationToken)"/>
    public async Task<SwuInstallResult> InstallAsync(
        string source, Func<Uri, Task<Stream>> fetch, InstallOptions options, IProgress<InstallProgress>? progress, CancellationToken cancellation)
    {
        var scratch = disk.Running is null ? Path.GetTempPath() : Path.Combine(paths.Data, "firn");
        var address = Uri.TryCreate(source, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" ? parsed : null;
        using var file = source == "-" ? await Spooled.OfAsync(Console.OpenStandardInput(), "standard input", scratch, null, cancellation)
            : address is null ? BlockDevice.Open(source, BlockAccess.ReadOnly)
            : await Spooled.OfAsync(await fetch(address), source, scratch, null, cancellation);
        return await InstallAsync(new SwuArchive(file), options, progress, cancellation);
    }

    /// <param name="archive">The file.</param>
    /// <param name="options">How images are brought into a slot.</param>
    /// <param name="progress">Told what is done for that, from several threads.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="UntrustedSwuException">Nobody who counts signed it.</exception>
    /// <exception cref="RefusedException">It asks for what this machine does not do, or is not for it; nothing was written.</exception>
    /// <exception cref="InvalidDataException">It is damaged; nothing was written.</exception>
    /// <exception cref="IOException">Reading or writing failed, or a program in it.</exception>
    public async Task<SwuInstallResult> InstallAsync(
        SwuArchive archive, InstallOptions options, IProgress<InstallProgress>? progress, CancellationToken cancellation)
    {
        SwuTrust.Verify(archive, settings, clock.GetUtcNow());
        var idle = Installer(_ => { }).IdleSlot();
        var hardware = HardwareId.Of(disk, paths);
        var description = SoftwareDescription.Read(archive.Description, hardware.Board);
        var selection = Choose(description, idle, archive.Name);
        CheckHardware(description, selection, hardware, archive.Name);
        using var plan = SwuPlan.Make(archive, description.Collect(selection), disk, paths, settings, idle);
        plan.Problems.InsertRange(0, description.Problems);
        if (options.IsDownloadOnly && plan.Root is null) plan.Problems.Add("it has no images for a slot, and nothing else can be kept for later");
        Refuse(plan, archive.Name);
        Check(plan, archive, cancellation);

        var steps = plan.Before.Count + plan.After.Count;
        if (plan.Root is null)
        {
            using (disk.Lock())
            {
                Run(plan.Before, cancellation);
                Run(plan.After, cancellation);
            }
            return new(archive.Name, description.Version, plan.Collection.Name, null, steps, description.NeedsNoRestart);
        }
        var slot = await InstallSlotAsync(plan, archive, idle, options, progress, cancellation);
        return new(archive.Name, description.Version, plan.Collection.Name, slot, options.IsDownloadOnly ? 0 : steps, description.NeedsNoRestart);
    }

    /// <summary>With the images in the slot and asleep, all else is done; then the slot is woken and its trial set.</summary>
    private async Task<InstallResult> InstallSlotAsync(
        SwuPlan plan, SwuArchive archive, Slot idle, InstallOptions options, IProgress<InstallProgress>? progress, CancellationToken cancellation)
    {
        long room;
        using (var partition = disk.OpenPartition(DiskLayout.BootPartition(idle), BlockAccess.ReadOnly)) room = partition.SizeBytes;
        using var images = SlotImages.Open(archive, plan.Root!, plan.Boot!, room, plan.Scratch, cancellation);
        var installer = Installer(release =>
        {
            Run(plan.After, cancellation);
            record(idle, release);
        });
        // what the slots would refuse is refused before a program of the file runs
        await installer.PlanAsync(images, null, cancellation);
        if (!options.IsDownloadOnly) Run(plan.Before, cancellation);
        return await installer.InstallAsync(images, options, progress, cancellation);
    }

    private UpdateInstaller Installer(Action<ReleaseManifest> written) =>
        new(disk, bootLoader, disk.Running is null ? null : paths, (_, release) => written(release));

    /// <summary>What the settings say for the slot; else the one selection whose devices are that slot's; else what stands outside of any.</summary>
    private string? Choose(SoftwareDescription description, Slot idle, string file)
    {
        var selections = description.Selections();
        if (settings.SelectionFor(idle) is { } chosen)
            return selections.Contains(chosen) ? chosen : throw new RefusedException(
                $"{file}: has no {chosen}, which this machine takes for slot {idle.Name()} (swu.conf: select.{(idle == Slot.A ? 'a' : 'b')}); it has {Listed(selections)}");
        if (selections.Count <= 1) return selections.FirstOrDefault();
        string[] partitions = [DiskLayout.RootPartition(idle), DiskLayout.BootPartition(idle)];
        var fitting = selections.Where(one => description.Collect(one).Artefacts.Any(
            artefact => artefact.Device is { } device && partitions.Contains(disk.PartitionAt(device)))).ToList();
        return fitting is [var only] ? only : throw new RefusedException(
            $"{file}: has {Listed(selections)}, and {(fitting.Count == 0 ? "none" : "more than one")} of them names the partitions of slot {idle.Name()}; "
            + "say which (swu.conf: select.a, select.b)");
    }

    private static string Listed(List<string> selections) => selections.Count == 0 ? "no selections" : string.Join("; ", selections);

    private static void CheckHardware(SoftwareDescription description, string? selection, HardwareId hardware, string file)
    {
        if (description.Revisions(selection) is not { Count: > 0 } revisions)
            throw new RefusedException($"{file}: does not say what machines it is for (hardware-compatibility), and this one is {hardware}");
        if (!hardware.IsAmong(revisions))
            throw new RefusedException($"{file}: is for revision {string.Join(" or ", revisions)}, and this machine is {hardware}");
    }

    private static void Check(SwuPlan plan, SwuArchive archive, CancellationToken cancellation)
    {
        foreach (var artefact in plan.Collection.Artefacts) Payloads.Verify(archive, artefact, cancellation);
        foreach (var step in plan.Before.Concat(plan.After)) step.Check(problem => plan.Problems.Add(problem), cancellation);
        Refuse(plan, archive.Name);
    }

    private static void Refuse(SwuPlan plan, string file)
    {
        if (plan.Problems.Count > 0) throw new RefusedException($"{file}: cannot be installed, and nothing was written:\n  {string.Join("\n  ", plan.Problems.Distinct())}");
    }

    private static void Run(List<IStep> steps, CancellationToken cancellation)
    {
        foreach (var step in steps) step.Run(cancellation);
    }
}
