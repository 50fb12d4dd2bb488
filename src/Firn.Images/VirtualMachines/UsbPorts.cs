using System.Collections.Immutable;

namespace Firn.Images.VirtualMachines;

/// <summary>
/// Which USB drives are plugged in. A drive that was pulled out comes back with what the guest wrote to it, unless its
/// file has changed since.
/// </summary>
internal sealed class UsbPorts(MachineFiles files, bool persist)
{
    private sealed record Known(DriveImage Image, DateTime Written, long Length);

    private readonly Dictionary<string, Known> _known = [];
    private ImmutableArray<DriveImage> _plugged = [];
    private int _count;

    public ImmutableArray<DriveImage> Plugged => _plugged;

    public DriveImage? Find(string file) =>
        _known.TryGetValue(Path.GetFullPath(file), out var known) && _plugged.Contains(known.Image) ? known.Image : null;

    public DriveImage Plug(string file)
    {
        var path = Path.GetFullPath(file);
        var info = new FileInfo(path);
        var (written, length) = info.Exists ? (info.LastWriteTimeUtc, info.Length) : (default, 0);
        if (!_known.TryGetValue(path, out var known) || known.Written != written || known.Length != length)
            _known[path] = known = new(files.Open($"stick{_count++}", path, persist), written, length);
        _plugged = _plugged.Add(known.Image);
        return known.Image;
    }

    public void Unplug(DriveImage drive) => _plugged = _plugged.Remove(drive);
}
