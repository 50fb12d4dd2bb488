namespace Firn.Images.Layout;

/// <summary>A disk image being written: what is zero is left out, so that it takes only the room it needs.</summary>
internal sealed class SparseDisk : Stream
{
    private const int BlockBytes = 64 << 10;
    private readonly FileStream _file;
    private readonly long _sizeBytes;

    public SparseDisk(string path, long sizeBytes)
    {
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite);
        _file.SetLength(_sizeBytes = sizeBytes);
    }

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => true;
    public override long Length => _sizeBytes;
    public override long Position { get => _file.Position; set => _file.Position = value; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var block = buffer[..(int)Math.Min(buffer.Length, BlockBytes - Position % BlockBytes)];
            if (block.IndexOfAnyExcept((byte)0) < 0) _file.Seek(block.Length, SeekOrigin.Current);
            else _file.Write(block);
            buffer = buffer[block.Length..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    public override int Read(byte[] buffer, int offset, int count) => _file.Read(buffer, offset, count);
    public override int Read(Span<byte> buffer) => _file.Read(buffer);
    public override long Seek(long offset, SeekOrigin origin) => _file.Seek(offset, origin);
    public override void Flush() => _file.Flush();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
        base.Dispose(disposing);
    }
}
