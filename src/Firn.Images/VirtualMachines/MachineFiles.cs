using Firn.Images.Building;

namespace Firn.Images.VirtualMachines;

/// <summary>
/// The files of one virtual machine that live as long as it does: overlays, firmware variables, sockets. A machine
/// whose process was killed leaves its directory behind; the next machine removes it.
/// </summary>
internal sealed class MachineFiles : IDisposable
{
    private const string Prefix = "firn-vm-";

    private readonly FileStream _lock;

    public MachineFiles()
    {
        Sweep(Path.GetTempPath());
        Directory = System.IO.Directory.CreateTempSubdirectory(Prefix).FullName;
        _lock = new FileStream(LockOf(Directory), FileMode.Create, FileAccess.Write, FileShare.None);
    }

    public string Directory { get; }

    public string PathOf(string name) => Path.Combine(Directory, name);

    /// <summary>Puts everything a machine needs into place, but its sockets and USB drives.</summary>
    public QemuArguments Arrange(VirtualMachineOptions options)
    {
        if (options.Persist && options.DiskSizeBytes is not null)
            throw new ArgumentException("a disk that the guest writes to keeps its size", nameof(options));
        return new(options, Open("disk", options.Disk, options.Persist, options.DiskSizeBytes))
        {
            Drives = [.. options.Drives.Select((path, index) => Open($"drive{index}", path, options.Persist))],
            Firmware = options.Firmware == FirmwareKind.Efi ? Open(OvmfFirmware.Locate()) : null,
        };
    }

    /// <summary>
    /// Opens a drive directly, or an overlay that takes the guest's writes in its place and looks
    /// <paramref name="sizeBytes"/> large, or as large as the drive.
    /// </summary>
    /// <exception cref="IOException">The drive cannot be read (or written), or is larger than asked for.</exception>
    public DriveImage Open(string id, string path, bool persist, long? sizeBytes = null)
    {
        path = Path.GetFullPath(path);
        var format = DriveImage.FormatOf(path);
        using (var file = OpenChecked(path, persist ? FileAccess.ReadWrite : FileAccess.Read))
            if (format == "raw" && sizeBytes < file.Length)
                throw new IOException($"{path}: has {file.Length} bytes, more than the disk size asked for, {sizeBytes}");

        var serial = DriveImage.SerialOf(path);
        if (persist) return new(id, path, format, serial);
        var overlay = PathOf($"{id}.qcow2");
        CreateOverlay(path, format, overlay, sizeBytes);
        return new(id, overlay, "qcow2", serial);
    }

    /// <summary>The firmware with variables of our own: the machine remembers them from start to start.</summary>
    private OvmfFirmware Open(OvmfFirmware firmware)
    {
        var variables = PathOf("variables.fd");
        File.WriteAllBytes(variables, File.ReadAllBytes(firmware.Variables));    // a copy would inherit read-only
        return firmware with { Variables = variables };
    }

    public void Dispose()
    {
        System.IO.Directory.Delete(Directory, recursive: true);
        _lock.Dispose();
    }

    private static FileStream OpenChecked(string path, FileAccess access)
    {
        try
        {
            return new FileStream(path, FileMode.Open, access, FileShare.ReadWrite);
        }
        catch (FileNotFoundException error)
        {
            throw new FileNotFoundException($"{path}: no such file", path, error);
        }
        catch (DirectoryNotFoundException error)
        {
            throw new FileNotFoundException($"{path}: no such file", path, error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException(
                System.IO.Directory.Exists(path) ? $"{path}: is a directory, not a disk image"
                : access == FileAccess.Read ? $"{path}: may not be read by this user"
                : $"{path}: may not be written by this user", error);
        }
    }

    private static void CreateOverlay(string backing, string format, string overlay, long? sizeBytes)
    {
        string[] size = sizeBytes is { } bytes ? [$"{bytes}"] : [];
        Tool.Run("qemu-img", "qemu-utils", ["create", "-q", "-f", "qcow2", "-F", format, "-b", backing, overlay, .. size]);
    }

    private static string LockOf(string directory) => Path.Combine(directory, "lock");

    /// <summary>Removes what killed processes left. A directory without a lock may be another's, in the making.</summary>
    private static void Sweep(string parent)
    {
        foreach (var directory in System.IO.Directory.EnumerateDirectories(parent, Prefix + "*"))
            try
            {
                using (new FileStream(LockOf(directory), FileMode.Open, FileAccess.Write, FileShare.None))
                    System.IO.Directory.Delete(directory, recursive: true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // In use, another user's, or swept by another at this moment.
            }
    }
}
