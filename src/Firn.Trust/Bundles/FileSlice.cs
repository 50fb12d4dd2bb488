using Firn.Linux.Files;

namespace Firn.Trust.Bundles;

/// <summary>A part of a file, read from its beginning to its end.</summary>
internal sealed class FileSlice : ForwardStream
{
    private readonly FileStream _file;
    private long _restBytes;

    private FileSlice(FileStream file, long sizeBytes) => (_file, _restBytes) = (file, sizeBytes);

    /// <summary>No buffer: whoever reads a target reads large pieces.</summary>
    public static FileSlice Open(string path, long offset, long sizeBytes)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0) { Position = offset };
        return new(file, sizeBytes);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await _file.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _restBytes)], cancellationToken);
        _restBytes -= count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
        base.Dispose(disposing);
    }
}
