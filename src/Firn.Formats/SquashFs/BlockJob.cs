using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>Compresses one block: of a file, read on the way, or of fragments that were put together before.</summary>
internal sealed class BlockJob : Job
{
    private readonly BufferPool _buffers;
    private readonly FileContent? _content;
    private readonly long _offset;
    private readonly byte[] _buffer;

    /// <summary>The block of <paramref name="file"/>, whose size word is at <paramref name="index"/>.</summary>
    public BlockJob(BufferPool buffers, FileContent content, long offset, int length, FileLayout file, int index)
    {
        (_buffers, _content, _offset, PlainLength, File, Index) = (buffers, content, offset, length, file, index);
        _buffer = buffers.Rent();
    }

    /// <summary>Takes the buffer over.</summary>
    public BlockJob(BufferPool buffers, byte[] fragments, int length) =>
        (_buffers, _buffer, PlainLength) = (buffers, fragments, length);

    public int PlainLength { get; }
    /// <summary>Null for a block of fragments.</summary>
    public FileLayout? File { get; }
    public int Index { get; }

    /// <summary>What goes into the image; empty for a hole.</summary>
    public ReadOnlyMemory<byte> Stored { get; private set; }
    public uint SizeWord { get; private set; }
    private byte[]? _stored;

    public override void Run(Worker worker)
    {
        _stored = _buffer;
        if (_content is null)
        {
            // The worker's own buffer becomes the job's, so that the fragments are not copied.
            (_stored, worker.Plain) = (worker.Plain, _buffer);
        }
        else
        {
            _content.Read(_offset, worker.Plain.AsSpan(0, PlainLength));
            if (!worker.Plain.AsSpan(0, PlainLength).ContainsAnyExcept((byte)0)) return;
        }
        var size = worker.Compress(worker.Plain.AsSpan(0, PlainLength), _stored);
        if (size == 0 || size >= PlainLength)
        {
            (_stored, worker.Plain) = (worker.Plain, _stored);
            Stored = _stored.AsMemory(0, PlainLength);
            SizeWord = (uint)PlainLength | SquashFsFormat.RawBlock;
        }
        else
        {
            Stored = _stored.AsMemory(0, size);
            SizeWord = (uint)size;
        }
    }

    /// <summary>Gives the buffer back; <see cref="Stored"/> is gone.</summary>
    public void Release()
    {
        Stored = default;
        if (_stored is not null) _buffers.Return(_stored);
    }
}
