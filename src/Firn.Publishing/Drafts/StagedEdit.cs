using System.Collections.Immutable;
using System.Globalization;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Drafts;

/// <summary>
/// New versions of roles that are not published yet, with the signatures they have so far. One file, so that an edit of
/// several roles is there as a whole or not at all, and so that it can be carried to whoever signs next.
/// </summary>
/// <param name="Roles">By name. Snapshot and timestamp are never among them: publishing makes them.</param>
public sealed record StagedEdit(ImmutableSortedDictionary<string, MetadataFile> Roles)
{
    private const int CurrentFormat = 1;

    public static StagedEdit None { get; } = new(ImmutableSortedDictionary.Create<string, MetadataFile>(StringComparer.Ordinal));

    public bool IsEmpty => Roles.IsEmpty;

    public byte[] ToBytes() => new JsonBuilder
    {
        { "format", CurrentFormat },
        { "roles", JsonObject.Of(Roles.Select(entry => new JsonMember(entry.Key, entry.Value.ToJson()))) },
    }.Build().ToFileBytes();

    /// <exception cref="InvalidDataException">Not a staged edit.</exception>
    public static StagedEdit Read(ReadOnlySpan<byte> bytes, string subject)
    {
        try
        {
            var fields = new JsonFields(JsonParser.ParseObject(bytes), "");
            var format = fields.Integer("format");
            if (format != CurrentFormat)
                throw new InvalidDataException(string.Create(
                    CultureInfo.InvariantCulture, $"format is {format}, this firn understands {CurrentFormat}"));
            return new(fields.Object("roles").ToImmutableSortedDictionary(
                member => member.Name,
                member => MetadataFile.Read(member.Value as JsonObject
                    ?? throw new InvalidDataException($"roles['{member.Name}'] must be an object")),
                StringComparer.Ordinal));
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{subject}: {error.Message}", error);
        }
    }

    /// <summary>What a staged file says, as the role it is named for.</summary>
    /// <exception cref="InvalidDataException">It is another role's.</exception>
    public static RoleMetadata Parse(string role, MetadataFile file) => role == RoleNames.Root
        ? RootMetadata.Read(file.Signed)
        : TargetsMetadata.Read(file.Signed);

    /// <summary>With the signatures that were made elsewhere over the very same content; says which roles gained some.</summary>
    /// <exception cref="RepositoryRefusedException">The other one has a role with other content.</exception>
    public StagedEdit WithSignaturesOf(StagedEdit other, out ImmutableArray<string> gained)
    {
        var roles = Roles;
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var (role, theirs) in other.Roles)
        {
            if (!roles.TryGetValue(role, out var ours)) continue;
            if (!ours.Signed.Equals(theirs.Signed))
                throw new RepositoryRefusedException($"{role}: what was signed there is not what is staged here: one of the two was edited since");
            var merged = theirs.Signatures.Where(signature => ours.Signatures.All(own => own.KeyId != signature.KeyId))
                .Aggregate(ours, (file, signature) => file.With(signature));
            if (merged.Signatures.Length > ours.Signatures.Length) names.Add(role);
            roles = roles.SetItem(role, merged);
        }
        gained = names.ToImmutable();
        return new(roles);
    }
}
