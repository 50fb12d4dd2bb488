using System.Collections.Immutable;
using Firn.Trust.Keys;

namespace Firn.Trust.Metadata;

/// <summary>Roles that may speak for some targets: named ones in order of precedence, or hash bins, never both.</summary>
public sealed record Delegations
{
    public required ImmutableSortedDictionary<string, PublicKey> Keys { get; init; }

    /// <summary>The first that claims a target is asked first.</summary>
    public ImmutableArray<DelegatedRole> Roles { get; init; } = [];

    /// <summary>Many roles written as one; <see cref="Roles"/> is empty then.</summary>
    public SuccinctRoles? SuccinctRoles { get; init; }

    public JsonObject Unknown { get; init; } = JsonObject.Empty;

    /// <summary>Those that may speak for a target, in the order they are asked.</summary>
    public IEnumerable<DelegatedRole> For(string targetPath) =>
        SuccinctRoles is { } bins ? [bins.RoleFor(targetPath)] : Roles.Where(role => role.Speaks(targetPath));

    /// <summary>Every role delegated to, also each bin.</summary>
    public IEnumerable<DelegatedRole> All => SuccinctRoles?.Roles() ?? Roles;

    public JsonObject ToJson() => new JsonBuilder
    {
        { "keys", KeyTable.ToJson(Keys) },
        { "roles", SuccinctRoles is null ? new JsonValue.List([.. Roles.Select(role => role.ToJson())]) : null },
        { "succinct_roles", SuccinctRoles?.ToJson() },
        Unknown,
    }.Build();

    internal static Delegations Read(JsonObject json)
    {
        var fields = new JsonFields(json, "delegations");
        var roles = fields.OptionalList("roles");
        var bins = fields.OptionalObject("succinct_roles");
        if (roles is null == bins is null)
            throw new InvalidDataException("delegations must have either roles or succinct_roles");
        return new()
        {
            Keys = KeyTable.Read(fields),
            Roles = roles is null ? [] : ReadRoles(roles),
            SuccinctRoles = bins is null ? null : SuccinctRoles.Read(bins, fields.Path("succinct_roles")),
            Unknown = fields.Unknown(),
        };
    }

    private static ImmutableArray<DelegatedRole> ReadRoles(JsonValue.List list)
    {
        var roles = ImmutableArray.CreateBuilder<DelegatedRole>(list.Items.Length);
        var names = new HashSet<string>();
        foreach (var item in list.Items)
        {
            var where = $"delegations.roles[{roles.Count}]";
            var role = DelegatedRole.Read(item as JsonObject ?? throw new InvalidDataException($"{where} must be an object"), where);
            if (!names.Add(role.Name)) throw new InvalidDataException($"{where}: '{role.Name}' is delegated to twice");
            roles.Add(role);
        }
        return roles.MoveToImmutable();
    }
}
