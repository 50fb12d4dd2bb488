namespace Firn.Images.VirtualMachines;

/// <summary>The latest bytes of an endless stream, by their offset from its beginning.</summary>
internal sealed class ConsoleBytes(int capacity = ConsoleBytes.DefaultCapacity)
{
    private const int DefaultCapacity = 32 << 20;
    private byte[] _bytes = new byte[4096];
    private int _length;
    private long _dropped;

    public long End => _dropped + _length;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > capacity) throw new ArgumentException("more than the capacity", nameof(bytes));
        if (_length + bytes.Length > capacity)
        {
            var kept = Math.Min(capacity / 2, capacity - bytes.Length);
            kept = Math.Min(kept, _length);
            _bytes.AsSpan(_length - kept, kept).CopyTo(_bytes);
            _dropped += _length - kept;
            _length = kept;
        }
        if (_length + bytes.Length > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(capacity, Math.Max(2L * _bytes.Length, _length + bytes.Length)));
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <returns>False when the bytes from there on are no longer all there.</returns>
    public bool TryGetFrom(long offset, out ReadOnlySpan<byte> bytes)
    {
        var isThere = offset >= _dropped && offset <= End;
        bytes = isThere ? _bytes.AsSpan((int)(offset - _dropped).._length) : default;
        return isThere;
    }
}
