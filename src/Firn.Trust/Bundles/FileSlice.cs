namespace Firn.Trust.Bundles;

/// <summary>A part of a file, read from its beginning to its end.</summary>
internal sealed class FileSlice : Stream
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

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await _file.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _restBytes)], cancellationToken);
        _restBytes -= count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Flush() { }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
        base.Dispose(disposing);
    }
}
