using System.Collections.Immutable;
using Firn.Publishing.Drafts;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Roles;

/// <summary>Puts the edits that two people made to the same version of a role together.</summary>
internal static class RoleMerge
{
    /// <summary>What is put together member by member; a file or a role that both changed is a conflict.</summary>
    private static readonly ImmutableHashSet<string> Tables = ["", "targets", "delegations", "delegations.keys"];

    /// <param name="role">Its name, for messages.</param>
    /// <param name="before">What both began with; null for nothing.</param>
    /// <param name="ours">Wins where only we changed something.</param>
    /// <param name="theirs">Wins where only they did.</param>
    /// <exception cref="RepositoryRefusedException">Both changed the same thing, and not to the same.</exception>
    public static TargetsMetadata Of(string role, TargetsMetadata? before, TargetsMetadata ours, TargetsMetadata? theirs)
    {
        var nothing = KeyRoles.NewTargets();
        var merged = (JsonObject)Merge(role, "", Plain(before ?? nothing), Plain(ours), Plain(theirs ?? nothing))!;
        return TargetsMetadata.Read(merged);
    }

    /// <summary>Whether both say the same, whatever their versions and times.</summary>
    public static bool AreSame(RoleMetadata? left, RoleMetadata? right) =>
        left is null || right is null ? left is null && right is null : Plain(left).Equals(Plain(right));

    private static JsonObject Plain(RoleMetadata metadata) => (metadata with { Version = 1, Expires = DateTimeOffset.UnixEpoch }).ToJson();

    private static JsonValue? Merge(string role, string place, JsonValue? before, JsonValue? ours, JsonValue? theirs)
    {
        if (Equals(ours, theirs) || Equals(ours, before)) return theirs;
        if (Equals(theirs, before)) return ours;
        if (Tables.Contains(place) && ours is JsonObject left && theirs is JsonObject right)
            return JsonObject.Of(
                from name in left.Concat(right).Select(member => member.Name).Distinct()
                let value = Merge(role, place.Length == 0 ? name : $"{place}.{name}", (before as JsonObject)?[name], left[name], right[name])
                where value is not null
                select new JsonMember(name, value));
        if (place == "delegations.roles" && ours is JsonValue.List our && theirs is JsonValue.List their)
            return MergeRoles(role, place, before as JsonValue.List ?? new([]), our, their);
        throw new RepositoryRefusedException(
            $"{role}: {place} was changed here, and otherwise by whoever published since; 'firn repo pull --theirs' takes what is published and forgets every edit made here");
    }

    /// <summary>Named roles in order of precedence: theirs, then those that are new here.</summary>
    private static JsonValue.List MergeRoles(string role, string place, JsonValue.List before, JsonValue.List ours, JsonValue.List theirs)
    {
        var names = theirs.Items.Concat(ours.Items).Select(NameOf).Distinct();
        return new([.. names.Select(name => Merge(role, $"{place}.{name}", Find(before, name), Find(ours, name), Find(theirs, name))).OfType<JsonValue>()]);
    }

    private static JsonValue? Find(JsonValue.List list, string name) => list.Items.FirstOrDefault(item => NameOf(item) == name);

    private static string NameOf(JsonValue role) => ((JsonValue.Text)((JsonObject)role)["name"]!).Value;
}
