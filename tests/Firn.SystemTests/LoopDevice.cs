namespace Firn.SystemTests;

/// <summary>An image file as a disk of the kernel.</summary>
internal sealed class LoopDevice : IDisposable
{
    public LoopDevice(string file) => Path = HostTool.Run("losetup", "--find", "--show", file).Trim();

    public string Path { get; }
    public string Partition(int number) => $"{Path}p{number}";

    /// <summary>After its file has grown.</summary>
    public void ReadSizeAnew() => HostTool.Run("losetup", "--set-capacity", Path);

    public void Dispose()
    {
        HostTool.TryRun("partx", "--delete", Path);
        HostTool.Run("losetup", "--detach", Path);
    }
}
