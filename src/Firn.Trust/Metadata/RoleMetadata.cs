using System.Globalization;

namespace Firn.Trust.Metadata;

/// <summary>What a role says: the part of a metadata file that is signed. Fields that Firn does not know are kept.</summary>
public abstract record RoleMetadata
{
    /// <summary>The specification this was written to.</summary>
    public const string CurrentSpecVersion = "1.0.31";

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>root, timestamp, snapshot or targets; delegated roles say targets too.</summary>
    public abstract string Type { get; }

    /// <summary>From 1, and never less than before.</summary>
    public required long Version { get; init; }

    /// <summary>From this moment on it is not to be believed; whole seconds, UTC.</summary>
    public required DateTimeOffset Expires { get; init; }

    public string SpecVersion { get; init; } = CurrentSpecVersion;

    public JsonObject Unknown { get; init; } = JsonObject.Empty;

    public JsonObject ToJson()
    {
        var members = new JsonBuilder
        {
            { "_type", Type },
            { "spec_version", SpecVersion },
            { "version", Version },
            { "expires", Expires.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture) },
        };
        AddMembers(members);
        members.Add(Unknown);
        return members.Build();
    }

    private protected abstract void AddMembers(JsonBuilder members);

    /// <summary>The fields that all roles have; a role's own are read before, so that the rest is unknown.</summary>
    private protected static (long Version, DateTimeOffset Expires, string SpecVersion) ReadCommon(JsonFields fields, string type)
    {
        CheckType(fields.Text("_type"), type);
        var spec = fields.Text("spec_version");
        if (!IsUnderstood(spec)) throw new InvalidDataException($"spec_version is '{spec}', this firn understands 1.x");
        return (fields.IntegerFrom("version", 1), ReadTime(fields.Text("expires")), spec);
    }

    private static void CheckType(string found, string expected)
    {
        if (found != expected) throw new InvalidDataException($"_type is '{found}', expected '{expected}'");
    }

    private static bool IsUnderstood(string spec)
    {
        var parts = spec.Split('.');
        return parts.Length is 2 or 3 && parts[0] == "1" && parts.All(part => part.Length > 0 && part.All(char.IsAsciiDigit));
    }

    private static DateTimeOffset ReadTime(string text) =>
        DateTimeOffset.TryParseExact(
            text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time)
            ? time
            : throw new InvalidDataException($"expires is '{text}', expected a time like 2030-01-31T00:00:00Z");
}
