using System.Text.Json.Nodes;

namespace Firn.Images.VirtualMachines;

/// <summary>A file or block device that a machine sees as a disk.</summary>
/// <param name="Id">Our name for it within QEMU.</param>
/// <param name="Path">Absolute.</param>
/// <param name="Format">QEMU's word: raw or qcow2.</param>
/// <param name="Serial">The drive's serial number, by which Linux names it in /dev/disk/by-id.</param>
internal sealed record DriveImage(string Id, string Path, string Format, string Serial)
{
    private const int SerialLimit = 20;    // what virtio-blk can tell

    /// <summary>
    /// The format follows from the name: a raw image whose guest wrote a qcow2 header into it must not make QEMU open
    /// whatever that header names.
    /// </summary>
    public static string FormatOf(string path) => path.EndsWith(".qcow2", StringComparison.Ordinal) ? "qcow2" : "raw";

    public static string SerialOf(string path)
    {
        var name = System.IO.Path.GetFileNameWithoutExtension(path);
        var serial = string.Concat(name.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_').Take(SerialLimit));
        return serial.Length > 0 ? serial : "drive";
    }

    /// <summary>As the argument of -blockdev and blockdev-add. Flushes reach the disk; other writes may wait.</summary>
    public JsonObject ToBlockDevice() => new()
    {
        ["node-name"] = Id,
        ["driver"] = Format,
        ["file"] = new JsonObject
        {
            ["driver"] = Path.StartsWith("/dev/", StringComparison.Ordinal) ? "host_device" : "file",
            ["filename"] = Path,
        },
    };
}
