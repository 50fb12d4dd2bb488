using Firn.Formats.Boot;
using Firn.Formats.Releases;
using Firn.Linux.Block;
using Firn.Linux.Memory;
using Firn.Machine.Boot;

namespace Firn.Machine.Updates;

/// <summary>
/// Writes a release to the slot that is not in use. Whatever goes wrong, whenever: the confirmed slot is never touched,
/// and the boot state names the new slot only after all of it has been read back from the medium.
/// </summary>
/// <param name="disk">The disk with the slots.</param>
/// <param name="bootLoader">Its boot loader.</param>
/// <param name="paths">Where this machine keeps what helps the next installation; null for nowhere.</param>
/// <param name="record">Called before the trial is set; what it throws ends the installation.</param>
public sealed class UpdateInstaller(
    MachineDisk disk, IBootLoader bootLoader, MachinePaths? paths = null, Action<Slot, ReleaseManifest>? record = null)
{
    private readonly SlotStore _slots = new(disk);

    /// <summary>Where an installation would go now.</summary>
    /// <exception cref="RefusedException">The machine is not ready for one.</exception>
    public Slot IdleSlot() => ChooseTarget(bootLoader.Read());

    /// <param name="source">The release.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told what is done, from several threads.</param>
    /// <param name="cancellation">Leaves the idle slot asleep and half-written, and nothing else changed.</param>
    /// <exception cref="RefusedException">The release does not fit this machine, or the machine is not ready for one.</exception>
    /// <exception cref="InvalidDataException">The release is damaged.</exception>
    /// <exception cref="IOException">Reading, fetching or writing failed, or the medium did not keep what was written.</exception>
    public Task<InstallResult> InstallAsync(
        IReleaseSource source, InstallOptions options, IProgress<InstallProgress>? progress, CancellationToken cancellation) =>
        WithTransferAsync(source, options, progress, BlockAccess.ExclusiveDirect, (state, target, boot, release, transfer) =>
            InstallAsync(state, target, boot, release, transfer, options, cancellation), cancellation);

    /// <summary>What <see cref="InstallAsync(IReleaseSource, InstallOptions, IProgress{InstallProgress}, CancellationToken)"/> would cost. Changes nothing.</summary>
    public Task<UpdatePlan> PlanAsync(IReleaseSource source, IProgress<InstallProgress>? progress, CancellationToken cancellation) =>
        WithTransferAsync(source, new(), progress, BlockAccess.ReadOnlyDirect, (_, _, _, _, transfer) => transfer.PlanAsync(cancellation), cancellation);

    private async Task<T> WithTransferAsync<T>(
        IReleaseSource source, InstallOptions options, IProgress<InstallProgress>? progress, BlockAccess access,
        Func<BootState, Slot, IBlockDevice, ReleaseManifest, ReleaseTransfer, Task<T>> act, CancellationToken cancellation)
    {
        NativeHeap.ReturnLargePieces();
        using var held = disk.Lock();
        var state = bootLoader.Read();
        var target = ChooseTarget(state);
        var release = await source.ReadManifestAsync(cancellation);
        CheckHardware(release, state);

        using var boot = disk.OpenPartition(DiskLayout.BootPartition(target), access);
        using var root = disk.OpenPartition(DiskLayout.RootPartition(target), access);
        using var otherBoot = disk.OpenPartition(DiskLayout.BootPartition(target.Other()), BlockAccess.ReadOnlyDirect);
        using var otherRoot = disk.OpenPartition(DiskLayout.RootPartition(target.Other()), BlockAccess.ReadOnlyDirect);
        CheckSize(release.Boot, boot);
        CheckSize(release.Root, root);
        var transfer = new ReleaseTransfer(
            source, release, new(SleepingImage.View(boot), root), new(otherBoot, otherRoot, _slots.Report(target.Other(), 0).Release),
            options, new(paths?.BlockIndexes), new(paths?.TransferRate), progress);
        return await act(state, target, boot, release, transfer);
    }

    private async Task<InstallResult> InstallAsync(
        BootState state, Slot target, IBlockDevice boot, ReleaseManifest release, ReleaseTransfer transfer, InstallOptions options,
        CancellationToken cancellation)
    {
        var isThere = _slots.Holds(target, release) && transfer.Holds(cancellation);
        if (!isThere)
            await transfer.RunAsync(
                () =>
                {
                    state = Prepare(state, target);
                    SleepingImage.PutToSleep(boot);
                }, cancellation);
        if (options.IsDownloadOnly) return new(target, null, release.Name, release.Version, null, isThere, transfer.Origins);
        record?.Invoke(target, release);
        SleepingImage.Wake(boot);
        var boots = options.Tries ?? disk.Running?.Tries ?? RunningBoot.DefaultTries;
        state = state.TryNewInstall(target, boots);
        bootLoader.Write(state);
        return new(target, state.Install(target), release.Name, release.Version, boots, isThere, transfer.Origins);
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

    private BootState Prepare(BootState state, Slot target)
    {
        // a trial of what is overwritten now has no meaning any more
        if (state.Trial?.Slot == target) state = state.Settle();
        // also when nothing changes: a backup copy left behind by an earlier power cut is brought up to date
        bootLoader.Write(state);
        return state;
    }
}
