using System.Buffers;

namespace Firn.Formats.Payloads;

/// <summary>Old contents that are unpacked to patch one that is packed again; those used last are kept.</summary>
internal sealed class UnpackedContents(OldSpace old, Unpacker unpack, Func<int, IMemoryOwner<byte>> allocate) : IDisposable
{
    private readonly IMemoryOwner<byte> _packed = allocate(PackFormat.PackerRoom(PackFormat.MaximumRepackBytes));
    private readonly IMemoryOwner<byte> _content = allocate(PackFormat.MaximumRepackBytes);
    private Entry[] _used = [], _spare = [.. Enumerable.Range(0, PackFormat.MaximumReferences).Select(_ => new Entry(allocate(PackFormat.MaximumRepackBytes)))];

    /// <summary>Makes these the contents that are read, by number.</summary>
    /// <param name="references">Where they are packed; at most <see cref="PackFormat.MaximumReferences"/>.</param>
    /// <param name="method">How they are packed.</param>
    public void Use((long Place, int Bytes)[] references, ulong method)
    {
        var all = _used.Concat(_spare).ToList();
        var used = references.Select(reference => Take(all, entry => entry.Reference == reference && entry.Method == method)).ToArray();
        for (var i = 0; i < used.Length; i++)
        {
            if (used[i] is not null) continue;
            used[i] = Take(all, _ => true)!;
            Load(used[i]!, references[i], method);
        }
        (_used, _spare) = (used!, [.. all]);
    }

    public bool TryRead(long place, Span<byte> destination)
    {
        var number = (place - PackFormat.UnpackedBase) / PackFormat.UnpackedStride;
        var offset = place % PackFormat.UnpackedStride;
        if (number >= _used.Length || offset > _used[(int)number].Length - destination.Length) return false;
        _used[(int)number].Bytes.Memory.Span.Slice((int)offset, destination.Length).CopyTo(destination);
        return true;
    }

    /// <summary>Room for a content until the next one: at most <see cref="PackFormat.MaximumRepackBytes"/>.</summary>
    public Span<byte> Content(int length) => _content.Memory.Span[..length];

    /// <summary>Room for a packed one, at its worst.</summary>
    public Memory<byte> Packed(int length) => _packed.Memory[..length];

    private void Load(Entry entry, (long Place, int Bytes) reference, ulong method)
    {
        var packed = Packed(reference.Bytes).Span;
        (entry.Reference, entry.Method, entry.Length) = (reference, method, 0);
        if (!old.TryRead(reference.Place, packed)) return;
        entry.Length = Math.Max(0, unpack(method, packed, entry.Bytes.Memory.Span));
    }

    private static Entry? Take(List<Entry> entries, Predicate<Entry> isWanted)
    {
        var index = entries.FindIndex(isWanted);
        if (index < 0) return null;
        var entry = entries[index];
        entries.RemoveAt(index);
        return entry;
    }

    public void Dispose()
    {
        foreach (var entry in _used.Concat(_spare)) entry.Bytes.Dispose();
        _packed.Dispose();
        _content.Dispose();
    }

    private sealed class Entry(IMemoryOwner<byte> bytes)
    {
        public (long Place, int Bytes) Reference { get; set; }
        public ulong Method { get; set; }
        public IMemoryOwner<byte> Bytes { get; } = bytes;
        public int Length { get; set; }
    }
}
