using Firn.Tests.Formats;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Tests.Trust.Metadata;

/// <summary>Every field of every role, missing and of another kind; and bytes changed at random.</summary>
public sealed class MetadataDamageTests
{
    public static TheoryData<string> Types => [RoleNames.Root, RoleNames.Timestamp, RoleNames.Snapshot, RoleNames.Targets, "bins"];

    [Theory]
    [MemberData(nameof(Types))]
    public void Each_field_that_is_missing_or_of_another_kind_is_refused_or_harmless(string type)
    {
        var (json, read) = Example(type);
        read(json);
        foreach (var (damaged, where) in JsonDamage.Of(json))
        {
            try
            {
                var again = read(damaged).ToJson();
                Assert.True(IsOptional(where), $"{where} can be {damaged}");
                Assert.NotNull(again);
            }
            catch (InvalidDataException error)
            {
                Assert.NotEmpty(error.Message);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Damaged_bytes_are_a_value_or_invalid_data(string type)
    {
        var (json, read) = Example(type);
        var file = new MetadataFile(json, [new("k", [1, 2, 3])], JsonObject.Empty).ToBytes();

        Damage.IsSurvived(file, bytes => read(MetadataFile.Read(bytes).Signed));
        Damage.TruncationIsSurvived(file, bytes => MetadataFile.Read(bytes));
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        var bytes = System.Text.Encoding.ASCII.GetBytes(new string('[', 100_000));
        Assert.Throws<InvalidDataException>(() => JsonParser.Parse(bytes));
    }

    [Theory]
    [InlineData("2030-01-31T00:00:00")]
    [InlineData("2030-01-31T00:00:00+01:00")]
    [InlineData("2030-01-31 00:00:00Z")]
    [InlineData("2030-02-31T00:00:00Z")]
    [InlineData("")]
    public void Times_have_one_form(string time) => Refuses("expires", time);

    [Theory]
    [InlineData("2.0.0")]
    [InlineData("1")]
    [InlineData("1.x")]
    [InlineData("")]
    public void Other_specifications_are_refused(string version) => Refuses("spec_version", version);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Versions_begin_with_one(long version) => Refuses("version", version);

    private static void Refuses(string field, JsonValue value) =>
        Assert.Throws<InvalidDataException>(() => TimestampMetadata.Read(Example(RoleNames.Timestamp).Json.With(field, value)));

    /// <summary>Members that may be absent, those of tables, and those whose kind nobody looks at.</summary>
    private static bool IsOptional(string where) =>
        where.Contains("consistent_snapshot-") || where.Contains("delegations-") || where.Contains(".length-") && where.Contains("meta")
        || where.Contains(".hashes-") && where.Contains("meta") || where.Contains("hashes.sha256-") || where.Contains("custom")
        || where.Contains("x-unknown") || IsKey(where) || where.Contains("targets.a/b-") || where.Contains("meta.targets.json-");

    private static bool IsKey(string where) => where.EndsWith('-') && where.Split('.') is [.., "keys", _];

    private static (JsonObject Json, Func<JsonObject, RoleMetadata> Read) Example(string type)
    {
        var repository = new TestRepository();
        var key = new PublicKey("ecdsa", "ecdsa-sha2-nistp256", "pem");
        repository.AddTarget(RoleNames.Targets, "a/b", [1], JsonObject.Of([new("firn", 1)]));
        var targets = repository.Roles[RoleNames.Targets] with { Version = 1, Unknown = JsonObject.Of([new("x-unknown", 1)]) };
        var delegations = new Delegations { Keys = System.Collections.Immutable.ImmutableSortedDictionary<string, PublicKey>.Empty.Add("k", key) };
        return type switch
        {
            RoleNames.Root => (repository.Root.ToJson(), RootMetadata.Read),
            RoleNames.Timestamp => (repository.Timestamp.ToJson(), TimestampMetadata.Read),
            RoleNames.Snapshot => (repository.Snapshot.ToJson(), SnapshotMetadata.Read),
            RoleNames.Targets => (
                (targets with { Delegations = delegations with { Roles = [new() { Name = "r", Keys = new(["k"], 1), Paths = ["a/*"] }] } }).ToJson(),
                TargetsMetadata.Read),
            _ => ((targets with { Delegations = delegations with { SuccinctRoles = new(new(["k"], 1), 4, "bin") } }).ToJson(), TargetsMetadata.Read),
        };
    }
}
