using System.Buffers.Binary;

namespace Firn.Formats.Payloads;

/// <summary>
/// The decompressed content of a frame's blocks, in order, as the frame and the old image make it. What cannot be read of the
/// old image becomes zeros: the hash of the block will tell.
/// </summary>
internal sealed class FrameContent : IDisposable
{
    public const int Streams = 4;

    private readonly BrotliSource _lengths, _places, _differences, _additions;
    private readonly OldSpace _old;
    private readonly UnpackedContents _unpacked;
    private readonly PatchCodecs _codecs;
    private readonly byte[] _buffer = new byte[64 << 10];
    private long _itemLeft;    // of patched bytes
    private ReadOnlyMemory<byte> _packed;    // of a content that was packed again
    private long _differenceLeft, _additionLeft, _place;

    /// <exception cref="InvalidDataException">The frame is damaged.</exception>
    public FrameContent(ReadOnlyMemory<byte> frame, OldSpace old, UnpackedContents unpacked, PatchCodecs codecs)
    {
        (_old, _unpacked, _codecs) = (old, unpacked, codecs);
        if (frame.Length < Streams * sizeof(int)) throw PackFormat.Invalid("a frame ends too early");
        var sizes = frame.Span[..(Streams * sizeof(int))];
        var rest = frame[(Streams * sizeof(int))..];
        _lengths = Next(0, sizes);
        _places = Next(1, sizes);
        _differences = Next(2, sizes);
        _additions = Next(3, sizes);

        BrotliSource Next(int number, ReadOnlySpan<byte> from)
        {
            var size = BinaryPrimitives.ReadUInt32LittleEndian(from[(number * sizeof(int))..]);
            if (size > rest.Length) throw PackFormat.Invalid("a frame ends too early");
            var part = rest[..(int)size];
            rest = rest[(int)size..];
            return new(part);
        }
    }

    /// <exception cref="InvalidDataException">The frame is damaged.</exception>
    public void Read(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            if (_packed.IsEmpty && _itemLeft == 0) BeginItem();
            var part = destination[..(int)Math.Min(destination.Length, _packed.IsEmpty ? _itemLeft : _packed.Length)];
            if (_packed.IsEmpty)
            {
                ReadPatched(part);
                _itemLeft -= part.Length;
            }
            else
            {
                _packed.Span[..part.Length].CopyTo(part);
                _packed = _packed[part.Length..];
            }
            destination = destination[part.Length..];
        }
    }

    /// <summary>Bytes that are patched as they are, or a content that is packed again: 0 and a length, or method, sizes and references.</summary>
    private void BeginItem()
    {
        var method = _lengths.ReadNumber();
        if (method == 0)
        {
            _itemLeft = _lengths.ReadLength(int.MaxValue);
            if (_itemLeft == 0) throw PackFormat.Invalid("an empty part");
            return;
        }
        var packedBytes = _lengths.ReadLength(PackFormat.MaximumRepackBytes);
        var contentBytes = _lengths.ReadLength(PackFormat.MaximumRepackBytes);
        if (packedBytes == 0) throw PackFormat.Invalid("an empty part");
        var references = new (long Place, int Bytes)[_lengths.ReadLength(PackFormat.MaximumReferences)];
        foreach (ref var reference in references.AsSpan()) reference = (_places.ReadSigned(), _lengths.ReadLength(PackFormat.MaximumRepackBytes));
        _unpacked.Use(references, method);
        var content = _unpacked.Content(contentBytes);
        ReadPatched(content);
        var packed = _unpacked.Packed(Math.Max(packedBytes, PackFormat.PackerRoom(contentBytes)));
        if (_codecs.Pack(method, content, packed.Span) != packedBytes) packed.Span.Clear();
        _packed = packed[..packedBytes];
    }

    private void ReadPatched(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            if (_differenceLeft == 0 && _additionLeft == 0) BeginStep();
            var isDifference = _differenceLeft > 0;
            var part = destination[..(int)Math.Min(destination.Length, isDifference ? _differenceLeft : _additionLeft)];
            if (isDifference)
            {
                part = part[..Math.Min(part.Length, _buffer.Length)];
                ReadDifference(part);
                _differenceLeft -= part.Length;
            }
            else
            {
                _additions.Read(part);
                _additionLeft -= part.Length;
            }
            destination = destination[part.Length..];
        }
    }

    private void BeginStep()
    {
        _differenceLeft = _lengths.ReadLength(int.MaxValue);
        _additionLeft = _lengths.ReadLength(int.MaxValue);
        if (_differenceLeft == 0 && _additionLeft == 0) throw PackFormat.Invalid("an empty step");
        if (_differenceLeft > 0) _place += _places.ReadSigned();
    }

    private void ReadDifference(Span<byte> destination)
    {
        var isThere = _place >= PackFormat.UnpackedBase ? _unpacked.TryRead(_place, destination) : _old.TryRead(_place, destination);
        if (!isThere) destination.Clear();
        var difference = _buffer.AsSpan(0, destination.Length);
        _differences.Read(difference);
        for (var i = 0; i < destination.Length; i++) destination[i] += difference[i];
        _place += destination.Length;
    }

    public void Dispose()
    {
        _lengths.Dispose();
        _places.Dispose();
        _differences.Dispose();
        _additions.Dispose();
    }
}
