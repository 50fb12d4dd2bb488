namespace Firn.Formats.Payloads;

/// <summary>Old contents that are unpacked to patch one that is packed again; those used last are kept. Buffers are used again and again.</summary>
internal sealed class UnpackedContents(OldSpace old, Unpacker unpack)
{
    private const int GrowthBytes = 1 << 20;

    private Entry[] _used = [], _spare = [new(), new()];
    private byte[] _packed = [], _content = [];

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
        _used[(int)number].Bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
        return true;
    }

    /// <summary>Room for a content until the next one.</summary>
    public Span<byte> Content(int length) => Grown(ref _content, length).AsSpan(0, length);

    /// <summary>Room for a packed one.</summary>
    public Memory<byte> Packed(int length) => Grown(ref _packed, length).AsMemory(0, length);

    private void Load(Entry entry, (long Place, int Bytes) reference, ulong method)
    {
        var packed = Packed(reference.Bytes).Span;
        (entry.Reference, entry.Method, entry.Length) = (reference, method, 0);
        if (!old.TryRead(reference.Place, packed)) return;
        if (entry.Bytes.Length == 0) entry.Bytes = new byte[PackFormat.MaximumRepackBytes];
        entry.Length = Math.Max(0, unpack(method, packed, entry.Bytes));
    }

    private static Entry? Take(List<Entry> entries, Predicate<Entry> isWanted)
    {
        var index = entries.FindIndex(isWanted);
        if (index < 0) return null;
        var entry = entries[index];
        entries.RemoveAt(index);
        return entry;
    }

    /// <summary>By whole steps: an array for each length would be garbage for the next one, and large arrays are collected late.</summary>
    private static byte[] Grown(ref byte[] buffer, int length) =>
        buffer.Length >= length ? buffer : buffer = new byte[(length + GrowthBytes - 1) / GrowthBytes * GrowthBytes];

    private sealed class Entry
    {
        public (long Place, int Bytes) Reference { get; set; }
        public ulong Method { get; set; }
        public byte[] Bytes { get; set; } = [];
        public int Length { get; set; }
    }
}
