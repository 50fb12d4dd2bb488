namespace Firn.Trust.Transports;

/// <summary>A repository in a directory: a USB stick, a network share, or where it was made.</summary>
public sealed class DirectoryTransport(string root) : ITransport
{
    public string Name => root;

    public Task<Stream?> OpenMetadataAsync(string fileName, CancellationToken cancellation) =>
        Task.FromResult<Stream?>(Open(Path.Combine(root, "metadata", fileName), 0));

    public Task<Stream?> OpenTargetAsync(string path, long offset, CancellationToken cancellation) =>
        Task.FromResult<Stream?>(Open(Path.Combine(root, "targets", path), offset));

    /// <summary>No buffer: whoever reads a target reads large pieces.</summary>
    private FileStream? Open(string file, long offset)
    {
        if (!Directory.Exists(root)) throw new DirectoryNotFoundException($"{root}: no such directory");
        if (!File.Exists(file)) return null;
        var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        stream.Position = offset;
        return stream;
    }

    public void Dispose() { }
}
