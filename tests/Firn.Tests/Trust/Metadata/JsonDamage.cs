using Firn.Trust.Metadata;

namespace Firn.Tests.Trust.Metadata;

/// <summary>Valid JSON with one thing wrong.</summary>
internal static class JsonDamage
{
    /// <summary>Each member in turn: without it (its name and a hyphen), and with a number, a text, a list and null in its place.</summary>
    public static IEnumerable<(JsonObject Json, string Where)> Of(JsonObject json, string path = "")
    {
        JsonValue[] others = [7, "seven", new JsonValue.List([]), new JsonValue.Null(), JsonObject.Empty];
        foreach (var (name, value) in json)
        {
            var where = path.Length == 0 ? name : $"{path}.{name}";
            yield return (json.With(name, null), $"{where}-");
            foreach (var other in others.Where(other => other.GetType() != value.GetType())) yield return (json.With(name, other), where);
            if (value is not JsonObject inner) continue;
            foreach (var (damaged, deeper) in Of(inner, where)) yield return (json.With(name, damaged), deeper);
        }
    }
}
