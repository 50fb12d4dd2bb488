using System.Buffers;
using System.IO.Compression;

namespace Firn.Formats.Payloads;

/// <summary>Reads compressed bytes that are in memory, in order.</summary>
internal sealed class BrotliSource(ReadOnlyMemory<byte> compressed) : IDisposable
{
    private const int AheadBytes = 256;

    private readonly byte[] _ahead = new byte[AheadBytes];    // a call for each byte of a number would cost more than the number
    private ReadOnlyMemory<byte> _left = compressed;
    private BrotliDecoder _decoder;
    private int _next, _end;

    /// <exception cref="InvalidDataException">Damaged, or less is there.</exception>
    public void Read(Span<byte> destination)
    {
        var ready = Math.Min(_end - _next, destination.Length);
        _ahead.AsSpan(_next, ready).CopyTo(destination);
        _next += ready;
        Decompress(destination[ready..], destination.Length - ready);
    }

    /// <summary>Seven bits a byte, the lowest first.</summary>
    /// <exception cref="InvalidDataException">Damaged, or more than 64 bits.</exception>
    public ulong ReadNumber()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = ReadByte();
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80) return value;
        }
        throw PackFormat.Invalid("a number does not end");
    }

    public long ReadSigned() => VarInts.Signed(ReadNumber());

    /// <exception cref="InvalidDataException">It is larger.</exception>
    public int ReadLength(int most) => ReadNumber() is var length && length <= (ulong)most
        ? (int)length
        : throw PackFormat.Invalid($"length {length} is more than {most}");

    private byte ReadByte()
    {
        if (_next == _end) (_next, _end) = (0, Decompress(_ahead, 1));
        return _ahead[_next++];
    }

    /// <returns>How many there are: at least <paramref name="least"/>.</returns>
    private int Decompress(Span<byte> destination, int least)
    {
        var filled = 0;
        while (filled < least)
        {
            var status = _decoder.Decompress(_left.Span, destination[filled..], out var used, out var written);
            _left = _left[used..];
            filled += written;
            if (status == OperationStatus.InvalidData || (filled < least && status is OperationStatus.Done or OperationStatus.NeedMoreData))
                throw PackFormat.Invalid("compressed data is damaged or too short");
        }
        return filled;
    }

    public void Dispose() => _decoder.Dispose();
}
