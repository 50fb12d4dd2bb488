using Firn.Formats.Trees;

namespace Firn.Images.Content;

/// <summary>Content as a seekable stream, for readers of archives. Small reads are served from a buffer.</summary>
internal sealed class ContentStream(FileContent content) : Stream
{
    private readonly byte[] _buffer = new byte[4096];
    private long _bufferStart;
    private int _bufferLength;

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => content.SizeBytes;
    public override long Position { get; set; }

    public override int Read(Span<byte> destination)
    {
        var count = (int)Math.Clamp(Length - Position, 0, destination.Length);
        if (count == 0) return 0;
        if (count >= _buffer.Length)
        {
            content.Read(Position, destination[..count]);
        }
        else
        {
            if (Position < _bufferStart || Position >= _bufferStart + _bufferLength) Fill();
            count = (int)Math.Min(count, _bufferStart + _bufferLength - Position);
            _buffer.AsSpan((int)(Position - _bufferStart), count).CopyTo(destination);
        }
        Position += count;
        return count;
    }

    private void Fill()
    {
        _bufferStart = Position;
        _bufferLength = (int)Math.Min(_buffer.Length, Length - Position);
        content.Read(_bufferStart, _buffer.AsSpan(0, _bufferLength));
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override void Flush() { }
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
