using System.Buffers;
using Firn.Linux.Block;
using Firn.Linux.Memory;

namespace Firn.Machine.Updates;

/// <summary>
/// Writes an image to a device from its first byte to its last. One buffer is filled while the other is written; pages in
/// which everything was there already are left alone.
/// </summary>
internal sealed class SlotImageWriter : IAsyncDisposable
{
    private const int PageBytes = DirectAlignment.Bytes;

    private readonly IBlockDevice _target;
    private readonly Action<long> _written;
    private readonly IMemoryOwner<byte>[] _memory;
    private readonly Memory<byte>[] _buffers;
    private readonly List<Extent> _changes = [];
    private Memory<byte> _filling;
    private int _filled;
    private long _offset;
    private Task _writing = Task.CompletedTask;

    /// <summary>Of all bytes of the image, those that were there already included, once it is complete.</summary>
    public WordSum Sum { get; } = new();

    /// <param name="target">Where to.</param>
    /// <param name="bufferBytes">Of each of two buffers; a multiple of a page, and more than the longest piece by a page.</param>
    /// <param name="written">Told up to where everything is written.</param>
    public SlotImageWriter(IBlockDevice target, int bufferBytes, Action<long> written)
    {
        (_target, _written) = (target, written);
        _memory = [MappedMemory.Allocate(bufferBytes), MappedMemory.Allocate(bufferBytes)];
        _buffers = [_memory[0].Memory, _memory[1].Memory];
        _filling = _buffers[0];
    }

    /// <summary>Room for what comes next, to be filled and committed.</summary>
    public async ValueTask<Memory<byte>> ReserveAsync(int length)
    {
        if (_filled + length > _filling.Length) await PushAsync(_filled & -PageBytes);
        return _filling.Slice(_filled, length);
    }

    /// <summary>As much as there is room for, but no more than <paramref name="most"/>.</summary>
    public async ValueTask<Memory<byte>> ReserveUpToAsync(long most)
    {
        if (_filled == _filling.Length) await PushAsync(_filled);
        return _filling.Slice(_filled, (int)Math.Min(_filling.Length - _filled, most));
    }

    /// <param name="length">Of what was filled in.</param>
    /// <param name="wasThere">The device has these bytes at this place.</param>
    public void Commit(int length, bool wasThere)
    {
        if (!wasThere)
        {
            if (_changes.Count > 0 && _changes[^1].End == _filled) _changes[^1].End += length;
            else _changes.Add(new(_filled, _filled + length));
        }
        _filled += length;
    }

    /// <summary>Writes the rest.</summary>
    public async Task CompleteAsync()
    {
        await PushAsync(_filled);
        await _writing;
    }

    /// <summary>Nothing is written any more after this, whatever happened before.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writing.ContinueWith(_ => { }, TaskScheduler.Default);
        foreach (var memory in _memory) memory.Dispose();
    }

    private async Task PushAsync(int count)
    {
        await _writing;
        var (full, offset) = (_filling, _offset);
        var extents = Pages(count);
        var next = _buffers[_filling.Equals(_buffers[0]) ? 1 : 0];
        full[count.._filled].CopyTo(next);
        _changes.RemoveAll(change => change.End <= count);
        foreach (var change in _changes) (change.First, change.End) = (Math.Max(0, change.First - count), change.End - count);
        (_filling, _filled, _offset) = (next, _filled - count, _offset + count);
        _writing = Task.Run(() =>
        {
            Sum.Add(full.Span[..count]);
            foreach (var extent in extents) Write(offset + extent.First, full.Span[extent.First..extent.End]);
            _written(offset + count);
        });
    }

    /// <summary>What is no whole page, at the end of an image, goes its own way.</summary>
    private void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        var whole = bytes.Length & -PageBytes;
        if (whole > 0) _target.Write(offset, bytes[..whole]);
        if (whole < bytes.Length) _target.Write(offset + whole, bytes[whole..]);
    }

    /// <summary>The changes among the first <paramref name="count"/> bytes, as whole pages.</summary>
    private List<Extent> Pages(int count)
    {
        var pages = new List<Extent>();
        foreach (var change in _changes)
        {
            var (first, end) = (change.First & -PageBytes, Math.Min(count, (change.End + PageBytes - 1) & -PageBytes));
            if (first >= end) continue;
            if (pages.Count > 0 && first <= pages[^1].End) pages[^1].End = end;
            else pages.Add(new(first, end));
        }
        return pages;
    }

    /// <summary>Some bytes of a buffer. A class: each generic collection of a structure costs the program 10 kB.</summary>
    private sealed class Extent(int first, int end)
    {
        public int First { get; set; } = first;
        public int End { get; set; } = end;
    }
}
