using Firn.Linux.Interop;

namespace Firn.Linux.Compression;

/// <summary>
/// Compresses what is written to it into one zstd frame with a checksum (RFC 8878). Disposing ends the frame. Workers
/// are threads that compress while the caller goes on: the bytes differ with them, but not with their number.
/// </summary>
public sealed class ZstdCompressStream : Stream
{
    private readonly Stream _destination;
    private readonly bool _leaveOpen;
    private readonly LibZstd.CompressionContext _context;
    private readonly byte[] _buffer = new byte[128 << 10];
    private bool _isDisposed;

    public ZstdCompressStream(Stream destination, int level, int workers = 0, bool leaveOpen = false)
    {
        Zstd.CheckLevel(level);
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        _destination = destination;
        _leaveOpen = leaveOpen;
        _context = LibZstd.CreateCompressionContext();
        if (_context.IsInvalid) throw new InsufficientMemoryException("zstd compression: allocation error");
        Set(LibZstd.CompressionParameter.Level, level);
        Set(LibZstd.CompressionParameter.Checksum, 1);
        if (workers > 0) Set(LibZstd.CompressionParameter.Workers, workers);
    }

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => !_isDisposed;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Pump(buffer, LibZstd.EndDirective.Continue);
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    public override void WriteByte(byte value) => Write([value]);

    /// <summary>Passes all on that was written so far. Costs compression: a frame is best left to flow.</summary>
    public override void Flush()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Pump([], LibZstd.EndDirective.Flush);
        _destination.Flush();
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing || _isDisposed) { base.Dispose(disposing); return; }
        _isDisposed = true;
        try
        {
            Pump([], LibZstd.EndDirective.End);
        }
        finally
        {
            _context.Dispose();
            if (!_leaveOpen) _destination.Dispose();
            base.Dispose(disposing);
        }
    }

    private unsafe void Pump(ReadOnlySpan<byte> source, LibZstd.EndDirective directive)
    {
        fixed (byte* from = source)
        fixed (byte* to = _buffer)
        {
            var input = new LibZstd.InBuffer { Source = from, Size = (nuint)source.Length };
            nuint pending;
            do
            {
                var output = new LibZstd.OutBuffer { Destination = to, Size = (nuint)_buffer.Length };
                pending = Zstd.CheckCompression(LibZstd.CompressStream(_context, &output, &input, directive));
                _destination.Write(_buffer, 0, (int)output.Position);
            }
            while (directive == LibZstd.EndDirective.Continue ? input.Position < input.Size : pending > 0);
        }
    }

    private void Set(LibZstd.CompressionParameter parameter, int value) =>
        Zstd.CheckCompression(LibZstd.SetParameter(_context, parameter, value));

    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}
