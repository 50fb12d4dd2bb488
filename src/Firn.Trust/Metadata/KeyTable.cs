using System.Collections.Immutable;
using Firn.Trust.Keys;

namespace Firn.Trust.Metadata;

/// <summary>The <c>keys</c> of root and of delegations: by key id, which is a name and need not be a hash.</summary>
internal static class KeyTable
{
    public static JsonObject ToJson(ImmutableSortedDictionary<string, PublicKey> keys) =>
        JsonObject.Of(keys.Select(entry => new JsonMember(entry.Key, entry.Value.ToJson())));

    public static ImmutableSortedDictionary<string, PublicKey> Read(JsonFields owner)
    {
        var where = owner.Path("keys");
        var keys = ImmutableSortedDictionary.CreateBuilder<string, PublicKey>(StringComparer.Ordinal);
        foreach (var (id, value) in owner.Object("keys"))
            keys[id] = PublicKey.Read(
                value as JsonObject ?? throw new InvalidDataException($"{where}['{id}'] must be an object"), $"{where}['{id}']");
        return keys.ToImmutable();
    }
}
