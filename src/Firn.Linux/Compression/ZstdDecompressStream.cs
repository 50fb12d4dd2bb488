using Firn.Linux.Files;
using Firn.Linux.Interop;

namespace Firn.Linux.Compression;

/// <summary>
/// Reads the content of a zstd file: one frame or several, one after the other (RFC 8878). Frames that ask for a window
/// of more than 128 MiB are refused.
/// </summary>
public sealed class ZstdDecompressStream : ForwardStream
{
    private readonly Stream _source;
    private readonly bool _leaveOpen;
    private readonly LibZstd.DecompressionContext _context;
    private readonly byte[] _buffer = new byte[128 << 10];
    private int _start, _end;
    private bool _isWithinFrame = true;    // a file without any frame is not a zstd file
    private bool _mayHoldMore;
    private bool _isDisposed;

    public ZstdDecompressStream(Stream source, bool leaveOpen = false)
    {
        _source = source;
        _leaveOpen = leaveOpen;
        _context = LibZstd.CreateDecompressionContext();
        if (_context.IsInvalid) throw new InsufficientMemoryException("zstd decompression: allocation error");
    }

    public override bool CanRead => !_isDisposed;

    /// <exception cref="InvalidDataException">The source is damaged, ends within a frame or is not zstd.</exception>
    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (buffer.IsEmpty) return 0;
        while (true)
        {
            if (_start == _end && !_mayHoldMore)
            {
                (_start, _end) = (0, _source.Read(_buffer));
                if (_end == 0)
                    return _isWithinFrame ? throw new InvalidDataException("zstd data: ends within a frame") : 0;
            }
            if (Decode(buffer) is var count and > 0) return count;
        }
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    private unsafe int Decode(Span<byte> buffer)
    {
        fixed (byte* from = _buffer)
        fixed (byte* to = buffer)
        {
            var input = new LibZstd.InBuffer { Source = from, Size = (nuint)_end, Position = (nuint)_start };
            var output = new LibZstd.OutBuffer { Destination = to, Size = (nuint)buffer.Length };
            var wanted = Zstd.CheckDecompression(LibZstd.DecompressStream(_context, &output, &input));
            _start = (int)input.Position;
            _isWithinFrame = wanted > 0;
            _mayHoldMore = _isWithinFrame && output.Position == output.Size;
            return (int)output.Position;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            _context.Dispose();
            if (!_leaveOpen) _source.Dispose();
        }
        base.Dispose(disposing);
    }
}
