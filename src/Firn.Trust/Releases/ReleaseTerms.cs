using Firn.Trust.Metadata;

namespace Firn.Trust.Releases;

/// <summary>
/// What a machine decides by whether a release is for it: <c>firn</c> in the custom part of a manifest's target, so that
/// changing it is signing one role anew. Format in <c>docs/reference/trust.md</c>.
/// </summary>
public sealed record ReleaseTerms
{
    private const string Member = "firn";

    public required string Name { get; init; }
    public required string Version { get; init; }
    public required string Hardware { get; init; }

    /// <summary>Machines with an older version must take another release first.</summary>
    public string? MinimumVersion { get; init; }

    /// <summary>Null: everybody at once.</summary>
    public Rollout? Rollout { get; init; }

    /// <summary>Nobody takes it for now.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Why nobody may take it any more; null if they may.</summary>
    public string? Revoked { get; init; }

    /// <summary>For people.</summary>
    public string? Notes { get; init; }

    public JsonObject Unknown { get; init; } = JsonObject.Empty;

    /// <summary>As the custom part of a target.</summary>
    public JsonObject ToCustom() => JsonObject.Of([new(Member, ToJson())]);

    private JsonObject ToJson() => new JsonBuilder
    {
        { "name", Name },
        { "version", Version },
        { "hardware", Hardware },
        { "minimumVersion", TextOf(MinimumVersion) },
        { "rollout", Rollout?.ToJson() },
        { "paused", IsPaused ? new JsonValue.Boolean(true) : null },
        { "revoked", TextOf(Revoked) },
        { "notes", TextOf(Notes) },
        Unknown,
    }.Build();

    private static JsonValue.Text? TextOf(string? text) => text is null ? null : new(text);

    /// <returns>Null if the target says nothing of the kind.</returns>
    /// <exception cref="InvalidDataException">It says it wrongly.</exception>
    public static ReleaseTerms? Read(JsonObject? custom)
    {
        if (custom?[Member] is not JsonObject json) return null;
        var fields = new JsonFields(json, Member);
        return new()
        {
            Name = fields.Text("name"),
            Version = fields.Text("version"),
            Hardware = fields.Text("hardware"),
            MinimumVersion = fields.OptionalText("minimumVersion"),
            Rollout = fields.OptionalObject("rollout") is { } rollout ? Rollout.Read(rollout, fields.Path("rollout")) : null,
            IsPaused = fields.OptionalBoolean("paused") ?? false,
            Revoked = fields.OptionalText("revoked"),
            Notes = fields.OptionalText("notes"),
            Unknown = fields.Unknown(),
        };
    }
}
