using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Firn.Trust.Metadata;

/// <summary>A role that may speak for the targets it is given.</summary>
public sealed record DelegatedRole
{
    public required string Name { get; init; }

    public required RoleKeys Keys { get; init; }

    /// <summary>What it does not list of its targets, nobody after it may list either.</summary>
    public bool IsTerminating { get; init; }

    /// <summary>Patterns as <see cref="PathPattern"/> reads them. Either these or prefixes, never both.</summary>
    public ImmutableArray<string> Paths { get; init; } = [];

    /// <summary>Beginnings of the SHA-256 of a target's path, in lower-case hexadecimal digits.</summary>
    public ImmutableArray<string> PathHashPrefixes { get; init; } = [];

    public JsonObject Unknown { get; init; } = JsonObject.Empty;

    public bool Speaks(string targetPath)
    {
        if (PathHashPrefixes.IsEmpty) return Paths.Any(pattern => PathPattern.Matches(pattern, targetPath));
        var hash = HashOf(targetPath);
        return PathHashPrefixes.Any(prefix => hash.StartsWith(prefix, StringComparison.Ordinal));
    }

    /// <summary>Where a target lies among hash bins.</summary>
    internal static string HashOf(string targetPath) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(targetPath)));

    public JsonObject ToJson()
    {
        var members = new JsonBuilder { { "name", Name }, { "terminating", IsTerminating } };
        Keys.AddMembers(members);
        if (PathHashPrefixes.IsEmpty) members.Add("paths", ListOf(Paths));
        else members.Add("path_hash_prefixes", ListOf(PathHashPrefixes));
        members.Add(Unknown);
        return members.Build();
    }

    internal static DelegatedRole Read(JsonObject json, string where)
    {
        var fields = new JsonFields(json, where);
        var paths = fields.OptionalTexts("paths");
        var prefixes = fields.OptionalTexts("path_hash_prefixes");
        if (paths is null == prefixes is null)
            throw new InvalidDataException($"{where} must have either paths or path_hash_prefixes");
        return new()
        {
            Name = RoleNames.CheckDelegated(fields.Text("name"), where),
            Keys = RoleKeys.ReadMembers(fields),
            IsTerminating = fields.OptionalBoolean("terminating") ?? throw new InvalidDataException($"{where}.terminating is missing"),
            Paths = paths?.ToImmutableArray() ?? [],
            PathHashPrefixes = prefixes?.Select(prefix => CheckPrefix(prefix, where)).ToImmutableArray() ?? [],
            Unknown = fields.Unknown(),
        };
    }

    private static string CheckPrefix(string prefix, string where) => prefix.Length is > 0 and <= 64 && prefix.All(char.IsAsciiHexDigit)
        ? prefix.ToLowerInvariant()
        : throw new InvalidDataException($"{where}.path_hash_prefixes: '{prefix}' is not 1 to 64 hexadecimal digits");

    private static JsonValue.List ListOf(ImmutableArray<string> texts) => new([.. texts.Select(text => new JsonValue.Text(text))]);
}
