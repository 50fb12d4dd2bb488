using Firn.Formats.Boot;
using Firn.Formats.Overlays;
using Firn.Linux.Block;
using Firn.Machine.Boot;
using Firn.Machine.Overlays;
using Firn.Machine.Updates;

namespace Firn.Cli;

/// <summary>Builds the parts that verbs use, when they first ask for them.</summary>
/// <param name="Paths">Where the running system keeps things.</param>
/// <param name="Clock">For records.</param>
internal sealed record Wiring(MachinePaths Paths, TimeProvider Clock)
{
    public Wiring() : this(new(), TimeProvider.System) { }

    /// <summary>How this process gives way to others; in a test it does not, for that would be for ever.</summary>
    public Action GiveWay { get; init; } = () => { };

    /// <param name="image">A disk image; null for the disk that this system runs from.</param>
    public MachineDisk Disk(string? image) =>
        image is null ? MachineDisk.OfRunningSystem(Paths) : MachineDisk.OfImage(image);

    public BootControl BootControl(string? image)
    {
        var disk = Disk(image);
        return new(disk, new GrubBootLoader(disk));
    }

    public RepositoryUpdates RepositoryUpdates => new(Disk(null), new GrubBootLoader(Disk(null)), Paths, Clock);

    public UpdateControl UpdateControl(string? image) => UpdateControl(Disk(image));

    private UpdateControl UpdateControl(MachineDisk disk) => new(disk, new GrubBootLoader(disk), Paths, Clock);

    public UpdateInstaller UpdateInstaller(string? image)
    {
        var disk = Disk(image);
        var control = UpdateControl(disk);
        return new(disk, new GrubBootLoader(disk), image is null ? Paths : null, (slot, release) => control.RecordInstall(slot, release.Version));
    }

    /// <exception cref="RefusedException">The image was made without overlays.</exception>
    public OverlaySettings OverlaySettings => File.Exists(Paths.OverlaySettings)
        ? OverlaySettings.Read(File.ReadAllText(Paths.OverlaySettings), Paths.OverlaySettings)
        : throw new RefusedException("this machine's image takes no overlays (recipe: overlays)");

    /// <param name="esp">Its device; null for that of the disk this system runs from.</param>
    public OverlayFetch OverlayFetch(string? esp) => new(
        Paths, Clock, () => esp is null ? Disk(null).OpenPartition(DiskLayout.EspPartition, BlockAccess.ReadOnly) : BlockDevice.Open(esp, BlockAccess.ReadOnly));
}
