using Firn.Formats.Boot;
using Firn.Formats.Releases;
using Firn.Linux.Block;
using Firn.Machine.Boot;

namespace Firn.Machine.Updates;

/// <summary>
/// Writes a release to the slot that is not in use. Whatever goes wrong, whenever: the confirmed slot is never touched,
/// and the boot state names the new slot only after all of it has been read back from the medium.
/// </summary>
/// <param name="disk">The disk with the slots.</param>
/// <param name="bootLoader">Its boot loader.</param>
/// <param name="record">Called before the trial is set; what it throws ends the installation.</param>
public sealed class UpdateInstaller(MachineDisk disk, IBootLoader bootLoader, Action<Slot, ReleaseManifest>? record = null)
{
    /// <summary>
    /// Held back of a boot image until everything else is on the medium: without its first sectors FAT cannot be read.
    /// </summary>
    public const int HeldBackBytes = 4096;

    private readonly SlotStore _slots = new(disk);

    /// <param name="source">The release.</param>
    /// <param name="tries">Boots it has to be confirmed; null for what the running system's recipe says.</param>
    /// <param name="progress">Told what is done.</param>
    /// <param name="cancellation">Leaves the idle slot empty or half-written, and nothing else changed.</param>
    /// <exception cref="RefusedException">The release does not fit this machine, or the machine is not ready for one.</exception>
    /// <exception cref="InvalidDataException">The release is damaged.</exception>
    /// <exception cref="IOException">Reading, fetching or writing failed, or the medium did not keep what was written.</exception>
    public async Task<InstallResult> InstallAsync(
        IReleaseSource source, int? tries, IProgress<InstallProgress>? progress, CancellationToken cancellation)
    {
        using var held = disk.Lock();
        var state = bootLoader.Read();
        var target = ChooseTarget(state);
        var release = await source.ReadManifestAsync(cancellation);
        CheckHardware(release, state);

        using var boot = disk.OpenPartition(DiskLayout.BootPartition(target), BlockAccess.Exclusive);
        using var root = disk.OpenPartition(DiskLayout.RootPartition(target), BlockAccess.Exclusive);
        CheckSize(release.Boot, boot);
        CheckSize(release.Root, root);

        var isThere = Holds(target, boot, root, release, progress, cancellation);
        if (!isThere)
        {
            state = Prepare(state, target);
            await WriteAsync(source, release, boot, root, progress, cancellation);
            Verify(release, boot, root, progress, cancellation);
        }
        record?.Invoke(target, release);
        var boots = tries ?? disk.Running?.Tries ?? RunningBoot.DefaultTries;
        state = state.TryNewInstall(target, boots);
        bootLoader.Write(state);
        return new(target, state.Install(target), release.Name, release.Version, boots, isThere);
    }

    private Slot ChooseTarget(BootState state)
    {
        if (disk.Running is { Slot: not Slot.Rescue } running && running.Slot != state.Confirmed)
            throw new RefusedException(
                $"this system runs from slot {running.Slot.Name()}, which is not confirmed, and an update would overwrite "
                + $"slot {state.Confirmed.Name()}, which is known to work: first 'firn update confirm' or 'firn update rollback'");
        return state.Confirmed.Other();
    }

    /// <summary>What hardware this is, the slots know: the running one first.</summary>
    private void CheckHardware(ReleaseManifest release, BootState state)
    {
        var reports = new[] { disk.Running?.Slot ?? state.Confirmed, state.Confirmed, Slot.Rescue, state.Confirmed.Other() }
            .Distinct().Where(_slots.Slots.Contains).Select(slot => _slots.Report(slot, 0)).ToArray();
        var known = reports.FirstOrDefault(report => report.Release is not null)
            ?? throw new RefusedException($"{disk.Name}: no slot says what hardware this is ({reports.First().Problem})");
        if (known.Release!.Hardware != release.Hardware)
            throw new RefusedException(
                $"{release.Name} {release.Version} is for {release.Hardware}, this machine is {known.Release.Hardware}");
    }

    private static void CheckSize(ReleaseImage image, IBlockDevice partition)
    {
        if (image.SizeBytes > partition.SizeBytes)
            throw new RefusedException(
                $"{image.File} has {image.SizeBytes} bytes, {partition.Name} has room for {partition.SizeBytes}");
    }

    private bool Holds(
        Slot target, IBlockDevice boot, IBlockDevice root, ReleaseManifest release,
        IProgress<InstallProgress>? progress, CancellationToken cancellation)
    {
        // cheap first: most often it is another version
        if (_slots.Report(target, 0).Release?.RootSha256 != release.Root.Sha256) return false;
        boot.DropCache();    // what an interrupted process left in memory only does not count
        root.DropCache();
        return Hash(boot, release.Boot, InstallStep.Compare, progress, cancellation) == release.Boot.Sha256
            && Hash(root, release.Root, InstallStep.Compare, progress, cancellation) == release.Root.Sha256;
    }

    private BootState Prepare(BootState state, Slot target)
    {
        // a trial of what is overwritten now has no meaning any more
        if (state.Trial?.Slot == target) state = state.Settle();
        // also when nothing changes: a backup copy left behind by an earlier power cut is brought up to date
        bootLoader.Write(state);
        return state;
    }

    private static async Task WriteAsync(
        IReleaseSource source, ReleaseManifest release, IBlockDevice boot, IBlockDevice root,
        IProgress<InstallProgress>? progress, CancellationToken cancellation)
    {
        // Both are asked for before the first byte is written: a missing file costs the idle slot nothing. The boot image
        // is opened again when its turn comes, for no server keeps a connection for as long as a root image takes.
        await using var rootImage = await source.OpenAsync(release.Root, cancellation);
        await (await source.OpenAsync(release.Boot, cancellation)).DisposeAsync();

        Invalidate(boot);
        await ImageCopy.RunAsync(
            rootImage, release.Root, root, 0, Step(progress, InstallStep.WriteRoot, release.Root), cancellation);
        root.Flush();
        await using var bootImage = await source.OpenAsync(release.Boot, cancellation);
        var first = await ImageCopy.RunAsync(
            bootImage, release.Boot, boot, HeldBackBytes, Step(progress, InstallStep.WriteBoot, release.Boot), cancellation);
        boot.Flush();
        boot.Write(0, first);
        boot.Flush();
    }

    private static void Verify(
        ReleaseManifest release, IBlockDevice boot, IBlockDevice root,
        IProgress<InstallProgress>? progress, CancellationToken cancellation)
    {
        root.DropCache();
        boot.DropCache();
        if (Hash(root, release.Root, InstallStep.VerifyRoot, progress, cancellation) == release.Root.Sha256
            && Hash(boot, release.Boot, InstallStep.VerifyBoot, progress, cancellation) == release.Boot.Sha256) return;
        Invalidate(boot);
        throw new IOException($"{root.Name} or {boot.Name}: other bytes were read back than were written; the medium is failing");
    }

    /// <summary>No loader can read a FAT without its first sectors, so a half-written slot never starts.</summary>
    private static void Invalidate(IBlockDevice boot)
    {
        boot.Write(0, new byte[(int)Math.Min(HeldBackBytes, boot.SizeBytes)]);
        boot.Flush();
    }

    private static string Hash(
        IBlockDevice device, ReleaseImage image, InstallStep step,
        IProgress<InstallProgress>? progress, CancellationToken cancellation) =>
        DeviceHash.Sha256(device, image.SizeBytes, Step(progress, step, image), cancellation);

    private static IProgress<long>? Step(IProgress<InstallProgress>? progress, InstallStep step, ReleaseImage image) =>
        progress is null ? null : new StepProgress(progress, step, image.SizeBytes);

    private sealed class StepProgress(IProgress<InstallProgress> progress, InstallStep step, long totalBytes) : IProgress<long>
    {
        public void Report(long doneBytes) => progress.Report(new(step, doneBytes, totalBytes));
    }
}
