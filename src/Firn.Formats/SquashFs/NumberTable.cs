namespace Firn.Formats.SquashFs;

/// <summary>
/// Objects by number. A dictionary would do, but its code for such numbers is compiled only when the program runs, and to
/// list an image takes less time than that.
/// </summary>
internal sealed class NumberTable
{
    private long[] _keys = new long[64];    // and one more: 0 is a free place
    private object?[] _values = new object?[64];
    private int _count;

    /// <summary>Null for what is not there, and for what was forgotten.</summary>
    public object? Get(long number) => _values[Find(number)];

    /// <summary>Whether the number was never there before.</summary>
    public bool Put(long number, object value)
    {
        if (2 * _count >= _keys.Length) Grow();
        var place = Find(number);
        _values[place] = value;
        if (_keys[place] != 0) return false;
        _keys[place] = number + 1;
        _count++;
        return true;
    }

    /// <summary>Lets the objects go; their numbers stay.</summary>
    public void Forget() => Array.Clear(_values);

    // Where the number is, or would be.
    private int Find(long number)
    {
        var place = (int)((ulong)number * 0x9e3779b97f4a7c15 >> 32) & (_keys.Length - 1);
        while (_keys[place] != 0 && _keys[place] != number + 1) place = (place + 1) & (_keys.Length - 1);
        return place;
    }

    private void Grow()
    {
        var (keys, values) = (_keys, _values);
        (_keys, _values) = (new long[2 * keys.Length], new object?[2 * keys.Length]);
        for (var i = 0; i < keys.Length; i++)
        {
            if (keys[i] == 0) continue;
            var place = Find(keys[i] - 1);
            (_keys[place], _values[place]) = (keys[i], values[i]);
        }
    }
}
