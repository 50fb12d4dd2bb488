using System.Collections.Immutable;
using System.Globalization;
using Firn.Machine.Boot;
using Firn.Machine.Overlays;

namespace Firn.Agent.Rescue;

/// <summary>Bundles, <c>.swu</c> files and repositories on drives that are, or become, plugged in. Who signed them is judged by the verb that installs.</summary>
/// <param name="ownDisk">Device of the disk that runs.</param>
/// <param name="install">Installs from a file or directory.</param>
public sealed class RescueDrives(MachinePaths paths, string ownDisk, Func<string, CancellationToken, Task> install) : IRescueSource
{
    /// <summary>A volume of that name is looked at on whatever disk it is.</summary>
    public const string Label = "FIRN-UPDATE";

    private static readonly string[] Endings = [".firn", ".swu"];

    private string _seen = "";
    private ImmutableArray<RescueOffer> _offers = [];

    /// <summary>Volumes are mounted only when one has come or gone, or one of their files is due again.</summary>
    public Task<IReadOnlyList<RescueOffer>> LookAsync(Func<string, bool> isDue, CancellationToken stop)
    {
        var seen = Seen();
        if (seen != _seen || _offers.Any(offer => isDue(offer.Key))) _offers = [.. MachineVolumes.List(paths).Where(IsMeant).SelectMany(Offers)];
        _seen = seen;
        return Task.FromResult<IReadOnlyList<RescueOffer>>(_offers);
    }

    /// <summary>A drive in the place of another has another way in the kernel, if not another name; a card that is put into a reader changes the size.</summary>
    private string Seen() => !Directory.Exists(paths.BlockDevices) ? "" : string.Join(' ', Directory.GetFileSystemEntries(paths.BlockDevices).Order(StringComparer.Ordinal)
        .Select(entry => $"{new DirectoryInfo(entry).LinkTarget ?? entry}:{(File.Exists($"{entry}/size") ? File.ReadAllText($"{entry}/size").Trim() : "")}"));

    private bool IsMeant(MachineVolume volume) =>
        volume.Header is not null && volume.Disk != Path.GetFileName(ownDisk) && (volume.IsCalled(Label) || IsRemovable(volume.Disk));

    private bool IsRemovable(string disk)
    {
        var entry = Path.Combine(paths.BlockDevices, disk);
        if (File.Exists($"{entry}/removable") && File.ReadAllText($"{entry}/removable").Trim() == "1") return true;
        return new DirectoryInfo(entry).ResolveLinkTarget(returnFinalTarget: true)?.FullName.Contains("/usb", StringComparison.Ordinal) == true;
    }

    /// <summary>The last by name first: of several versions that is mostly the newest.</summary>
    private IEnumerable<RescueOffer> Offers(MachineVolume volume)
    {
        try
        {
            using var mount = VolumeFiles.Mount(volume, Mounts);
            return [.. Find(mount.Target).OrderDescending(StringComparer.Ordinal).Select(path => Offer(volume, mount.Target, path))];
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return [];    // pulled out, or nothing that can be read: nobody said that there is an update on it
        }
    }

    private string Mounts => Path.Combine(paths.Root, "run/firn/drives");

    private static IEnumerable<string> Find(string directory) => new DirectoryInfo(directory).EnumerateFileSystemInfos().Prepend(new DirectoryInfo(directory))
        .Where(entry => entry.LinkTarget is null)
        .Where(entry => entry is FileInfo ? Endings.Contains(entry.Extension.ToLowerInvariant()) : File.Exists(Timestamp(entry.FullName)))
        .Select(entry => entry.FullName);

    private static string Timestamp(string repository) => Path.Combine(repository, "metadata/timestamp.json");

    private RescueOffer Offer(MachineVolume volume, string directory, string path)
    {
        var file = new FileInfo(Directory.Exists(path) ? Timestamp(path) : path);
        var name = Path.GetRelativePath(directory, path);
        var what = name == "." ? "the repository" : name;
        return new(
            string.Create(CultureInfo.InvariantCulture, $"drive {volume.Header?.Label} {name} {file.Length} {file.LastWriteTimeUtc.Ticks}"),
            $"{what} on {Path.GetFileName(volume.Device)}", stop => TakeAsync(volume, name, stop));
    }

    private async Task TakeAsync(MachineVolume volume, string name, CancellationToken stop)
    {
        using var mount = VolumeFiles.Mount(volume, Mounts);
        await install(Path.Combine(mount.Target, name), stop);
    }
}
