using System.Text;

namespace Firn.Supervision.Units;

/// <summary>
/// A unit as it is kept and sent: keys with values, a key again for one more value of a list. As text it is a table,
/// <c>TYPE⇥KEY⇥VALUE</c> a line, a line feed in a value written as a form feed.
/// </summary>
public sealed class UnitProperties
{
    private readonly List<string> _keys = [];
    private readonly List<string> _values = [];

    public int Count => _keys.Count;
    public string KeyAt(int index) => _keys[index];
    public string ValueAt(int index) => _values[index];

    public void Add(string key, string value)
    {
        _keys.Add(key);
        _values.Add(value);
    }

    /// <summary>Puts one value in place of all that a key has; none at all for an empty one.</summary>
    public void Set(string key, string value)
    {
        Remove(key);
        if (value.Length > 0) Add(key, value);
    }

    public void Remove(string key)
    {
        for (var i = _keys.Count - 1; i >= 0; i--)
            if (_keys[i] == key)
            {
                _keys.RemoveAt(i);
                _values.RemoveAt(i);
            }
    }

    /// <summary>The last value of a key; null when it has none.</summary>
    public string? Value(string key)
    {
        var index = _keys.LastIndexOf(key);
        return index < 0 ? null : _values[index];
    }

    public string[] Values(string key)
    {
        var count = 0;
        for (var i = 0; i < _keys.Count; i++)
            if (_keys[i] == key) count++;
        if (count == 0) return [];
        var values = new string[count];
        for (int i = 0, at = 0; i < _keys.Count; i++)
            if (_keys[i] == key) values[at++] = _values[i];
        return values;
    }

    public UnitProperties Copy()
    {
        var copy = new UnitProperties();
        for (var i = 0; i < Count; i++) copy.Add(_keys[i], _values[i]);
        return copy;
    }

    /// <summary>Takes every key of the other in place of the own.</summary>
    public void Overlay(UnitProperties other)
    {
        for (var i = 0; i < other.Count; i++) Remove(other._keys[i]);
        for (var i = 0; i < other.Count; i++) Add(other._keys[i], other._values[i]);
    }

    public static UnitProperties Parse(string table)
    {
        var properties = new UnitProperties();
        foreach (var line in table.Split('\n'))
        {
            var key = line.IndexOf('\t');
            var value = key < 0 ? -1 : line.IndexOf('\t', key + 1);
            if (value < 0) continue;
            var (name, text) = (line[(key + 1)..value], line[(value + 1)..].Replace('\f', '\n'));
            if (text.Length == 0) properties.Remove(name);
            else properties.Add(name, text);
        }
        return properties;
    }

    public override string ToString()
    {
        var table = new StringBuilder();
        for (var i = 0; i < Count; i++) table.Append("s\t").Append(_keys[i]).Append('\t').Append(_values[i].Replace('\n', '\f')).Append('\n');
        return table.ToString();
    }
}
