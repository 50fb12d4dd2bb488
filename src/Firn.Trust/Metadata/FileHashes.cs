using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Firn.Trust.Metadata;

/// <summary>Hashes of one file, by algorithm, in hexadecimal digits. SHA-256 and SHA-512 are understood, others kept.</summary>
public sealed record FileHashes(ImmutableSortedDictionary<string, string> Values)
{
    private const string Sha256Name = "sha256";
    private const string Sha512Name = "sha512";

    public static FileHashes OfSha256(string digits) =>
        new(ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal).Add(Sha256Name, digits));

    public static FileHashes Of(ReadOnlySpan<byte> content) => OfSha256(Convert.ToHexStringLower(SHA256.HashData(content)));

    /// <summary>64 lower-case digits, or null.</summary>
    public string? Sha256 => Values.GetValueOrDefault(Sha256Name);

    /// <summary>128 lower-case digits, or null.</summary>
    public string? Sha512 => Values.GetValueOrDefault(Sha512Name);

    /// <summary>Whether there is one that can be checked.</summary>
    public bool CanBeChecked => Sha256 is not null || Sha512 is not null;

    internal JsonObject ToJson() => JsonObject.Of(Values.Select(entry => new JsonMember(entry.Key, entry.Value)));

    internal static FileHashes Read(JsonObject json, string where)
    {
        if (json.Count == 0) throw new InvalidDataException($"{where} is empty");
        return new(json.ToImmutableSortedDictionary(member => member.Name, member => ReadHash(member, where), StringComparer.Ordinal));
    }

    private static string ReadHash(JsonMember member, string where)
    {
        if (member.Value is not JsonValue.Text { Value: var digits }) throw new InvalidDataException($"{where}.{member.Name} must be a text");
        var expected = member.Name switch { Sha256Name => 64, Sha512Name => 128, _ => (int?)null };
        if (expected is not null && (digits.Length != expected || !digits.All(char.IsAsciiHexDigit)))
            throw new InvalidDataException($"{where}.{member.Name} must be {expected} hexadecimal digits");
        return expected is null ? digits : digits.ToLowerInvariant();
    }

    public bool Equals(FileHashes? other) => other is not null && Values.SequenceEqual(other.Values);
    public override int GetHashCode() => Values.Count;
}
