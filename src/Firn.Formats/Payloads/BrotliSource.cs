using System.Buffers;
using System.IO.Compression;

namespace Firn.Formats.Payloads;

/// <summary>Reads compressed bytes that are in memory, in order.</summary>
internal sealed class BrotliSource(ReadOnlyMemory<byte> compressed) : IDisposable
{
    private readonly byte[] _single = new byte[1];
    private ReadOnlyMemory<byte> _left = compressed;
    private BrotliDecoder _decoder;

    /// <exception cref="InvalidDataException">Damaged, or less is there.</exception>
    public void Read(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var status = _decoder.Decompress(_left.Span, destination, out var used, out var written);
            _left = _left[used..];
            destination = destination[written..];
            if (status == OperationStatus.InvalidData || !destination.IsEmpty && status is OperationStatus.Done or OperationStatus.NeedMoreData)
                throw PackFormat.Invalid("compressed data is damaged or too short");
        }
    }

    public ulong ReadNumber() => VarInts.Read(ReadByte);
    public long ReadSigned() => VarInts.Signed(ReadNumber());

    /// <exception cref="InvalidDataException">It is larger.</exception>
    public int ReadLength(int most) => ReadNumber() is var length && length <= (ulong)most
        ? (int)length
        : throw PackFormat.Invalid($"length {length} is more than {most}");

    private byte ReadByte()
    {
        Read(_single);
        return _single[0];
    }

    public void Dispose() => _decoder.Dispose();
}
