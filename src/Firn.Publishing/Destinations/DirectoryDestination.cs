using Firn.Linux.Files;
using Firn.Publishing.Drafts;
using Firn.Publishing.Storage;

namespace Firn.Publishing.Destinations;

/// <summary>A directory: a web server's, a network share, a USB stick. One publisher at a time.</summary>
public sealed class DirectoryDestination(IRepositoryFiles files, FileLock? fileLock) : IPublishDestination
{
    private const string LockName = ".firn-publish.lock";

    public string Name => files.Name;

    /// <exception cref="RepositoryRefusedException">Someone else is publishing there.</exception>
    public static DirectoryDestination Open(string directory)
    {
        Directory.CreateDirectory(directory);
        return new(new DirectoryFiles(directory), RepositoryLock.TakeVanishing(directory, LockName, "another firn is publishing there"));
    }

    public Task<byte[]?> ReadAsync(string path, CancellationToken cancellation) => Task.FromResult(files.Read(path));

    public Task<long?> SizeOfAsync(string path, CancellationToken cancellation) => Task.FromResult(files.SizeOf(path));

    public Task<Stream?> OpenAsync(string path, long offset, CancellationToken cancellation)
    {
        var stream = files.Open(path);
        if (stream is not null) stream.Position = offset;
        return Task.FromResult(stream);
    }

    public Task<IReadOnlyList<StoredFile>> ListAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<StoredFile>>([.. files.List()]);

    public Task RemoveAsync(string path, CancellationToken cancellation)
    {
        files.Remove(path);
        return Task.CompletedTask;
    }

    public async Task WriteAsync(PublishedFile file, Func<Stream> open, byte[]? replaces, CancellationToken cancellation)
    {
        await using var content = open();
        files.Write(file.Path, new BlockingStream(content, cancellation));
    }

    public void Dispose() => fileLock?.Dispose();

    /// <summary>Disks are written synchronously, and what goes there may come from the network.</summary>
    private sealed class BlockingStream(Stream source, CancellationToken cancellation) : ForwardStream
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            source.ReadAsync(buffer.AsMemory(offset, count), cancellation).AsTask().GetAwaiter().GetResult();
    }
}
