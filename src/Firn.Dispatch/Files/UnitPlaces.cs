namespace Firn.Dispatch.Files;

/// <summary>Where in which file a unit says what.</summary>
public sealed class UnitPlaces
{
    private readonly Dictionary<(string Unit, string Key), (string File, int Line)> _places = [];

    internal void Add(string unit, string key, string file, int line) => _places.TryAdd((unit, key), (file, line));

    /// <param name="otherwise">The file for what is nowhere.</param>
    public UnitProblem Problem(string unit, IEnumerable<string> keys, string otherwise, string message)
    {
        foreach (var key in keys)
            if (_places.TryGetValue((unit, key), out var place)) return new(place.File, place.Line, message);
        return new(otherwise, 0, message);
    }
}
