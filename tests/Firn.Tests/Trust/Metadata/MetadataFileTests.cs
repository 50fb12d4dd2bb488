using System.Collections.Immutable;
using System.Text;
using Firn.Linux.Cryptography;
using Firn.Trust;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Tests.Trust.Metadata;

public sealed class MetadataFileTests
{
    private static readonly DateTimeOffset Later = new(2030, 1, 31, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Canonical_form_sorts_by_code_point_and_escapes_quotes_and_backslashes_only()
    {
        var text = """{"b":[1,-2,true,null],"😀":0,"￿":0,"a":"q\"\\\n\u00e9\/"}""";

        var canonical = Encoding.UTF8.GetString(Parse(text).ToCanonicalBytes());

        Assert.Equal("{\"a\":\"q\\\"\\\\\né/\",\"b\":[1,-2,true,null],\"￿\":0,\"😀\":0}", canonical);
    }

    [Theory]
    [InlineData("""{"a":1.5}""")]
    [InlineData("""{"a":1e3}""")]
    [InlineData("""{"a":99999999999999999999}""")]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"a":1}{}""")]
    [InlineData("""{"a":1,}""")]
    [InlineData("""{"a":/**/1}""")]
    [InlineData("")]
    [InlineData("[]")]
    public void What_cannot_be_signed_is_refused(string text) => Assert.Throws<InvalidDataException>(() => Parse(text));

    [Fact]
    public void Fields_that_nobody_knows_survive_reading_and_writing()
    {
        var json = Parse("""
            {"_type":"targets","spec_version":"1.0","version":3,"expires":"2030-01-31T00:00:00Z","x-note":{"deep":[1]},
             "targets":{"a/b":{"length":1,"hashes":{"md4":"00","sha256":"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"},"custom":{"k":1},"x":2}},
             "delegations":{"keys":{"k":{"keytype":"odd","scheme":"odder","keyval":{"public":"p","y":1},"z":2}},"w":3,
               "roles":[{"name":"r","keyids":["k"],"threshold":1,"terminating":true,"paths":["a/*"],"v":4}]}}
            """);

        var again = TargetsMetadata.Read(json).ToJson();

        var lowered = Encoding.UTF8.GetString(json.ToCanonicalBytes()).Replace("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        Assert.Equal(lowered, Encoding.UTF8.GetString(again.ToCanonicalBytes()));
    }

    [Fact]
    public void Signatures_count_once_for_each_key_whatever_it_is_called()
    {
        using var first = PrivateKey.Generate(SignatureScheme.EcdsaP256);
        using var second = PrivateKey.Generate(SignatureScheme.Ed25519);
        var keys = ImmutableSortedDictionary<string, PublicKey>.Empty
            .Add(first.KeyId, first.PublicKey).Add("alias", first.PublicKey).Add(second.KeyId, second.PublicKey);
        var role = new RoleKeys([first.KeyId, "alias", second.KeyId, "nowhere"], 2);
        var once = MetadataFile.Of(Timestamp()).Sign(first);
        var file = MetadataFile.Read(once.With(once.Signatures[0] with { KeyId = "alias" }).ToBytes());

        var check = SignatureCheck.Of(file, role, keys);

        Assert.Equal(
            [SignatureVerdict.Valid, SignatureVerdict.SameKey, SignatureVerdict.Absent, SignatureVerdict.UnknownKey],
            check.Verdicts.Select(entry => entry.Verdict));
        var error = Assert.Throws<TrustException>(() => check.Require("timestamp", "root"));
        Assert.Equal(TrustFailure.Unsigned, error.Failure);
        Assert.True(SignatureCheck.Of(file.Sign(second), role, keys).IsSigned);
    }

    [Fact]
    public void Two_signatures_under_one_key_id_are_refused()
    {
        var file = """{"signed":{},"signatures":[{"keyid":"a","sig":"00"},{"keyid":"a","sig":"01"}]}"""u8.ToArray();
        Assert.Throws<InvalidDataException>(() => MetadataFile.Read(file));
    }

    private static TimestampMetadata Timestamp() => new() { Version = 1, Expires = Later, Snapshot = new(1) };

    private static JsonObject Parse(string text) => JsonParser.ParseObject(Encoding.UTF8.GetBytes(text));
}
