using System.Text;
using Firn.Linux.Cryptography;
using Firn.Publishing.Drafts;
using Firn.Publishing.Storage;
using Firn.Tests.Formats;
using Firn.Tests.Trust.Metadata;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Tests.Trust.Publishing;

/// <summary>The files a repository is looked after with: every field missing or of another kind, and bytes changed at random.</summary>
public sealed class RepositoryDamageTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public static TheoryData<string> Files => [RepositoryPaths.Staged, RepositoryPaths.Settings, RepositoryPaths.Pending];

    [Theory]
    [MemberData(nameof(Files))]
    public void Each_field_that_is_missing_or_of_another_kind_is_refused_by_name_or_harmless(string file)
    {
        var valid = Example(file);
        Read(file, valid);

        foreach (var (damaged, where) in JsonDamage.Of(JsonParser.ParseObject(valid)))
            try
            {
                Read(file, damaged.ToFileBytes());
                Assert.True(IsOptional(where), $"{file}: {where} can be {damaged}");
            }
            catch (InvalidDataException error)
            {
                Assert.NotEmpty(error.Message);
            }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Damaged_and_torn_bytes_are_a_value_or_invalid_data(string file)
    {
        Damage.IsSurvived(Example(file), bytes => Read(file, bytes));
        Damage.TruncationIsSurvived(Example(file), bytes => Read(file, bytes), step: 7);
    }

    [Theory]
    [InlineData(SignatureScheme.EcdsaP256, "phrase")]
    [InlineData(SignatureScheme.EcdsaP256, null)]
    [InlineData(SignatureScheme.Ed25519, null)]
    public void A_damaged_key_file_is_a_key_that_signs_or_invalid_data(SignatureScheme scheme, string? passphrase)
    {
        using var key = PrivateKey.Generate(scheme);
        var file = _scratch.File("a.key");
        KeyFile.Create(file, key, passphrase);
        var valid = File.ReadAllBytes(file);

        void Use(byte[] bytes)
        {
            File.WriteAllBytes(file, bytes);
            var signer = KeyFile.Read(file).Open(() => "phrase");
            using (signer as IDisposable) Assert.True(signer.PublicKey.Verify("x"u8, signer.Sign("x"u8)));
        }

        Damage.IsSurvived(valid, Use);
        Damage.TruncationIsSurvived(valid, Use, step: 3);
    }

    [Fact]
    public void Each_part_of_a_key_file_that_is_missing_is_named()
    {
        using var key = PrivateKey.Generate(SignatureScheme.EcdsaP256);
        using var other = PrivateKey.Generate(SignatureScheme.EcdsaP256);
        var (ours, theirs) = (PublicKeyPem.Write(key.PublicKey), PublicKeyPem.Write(other.PublicKey));

        Assert.EndsWith("expected a private key in PEM form, or a line 'sign-with: COMMAND'", Refuses(ours));
        Assert.EndsWith("expected a private key in PEM form, or a line 'sign-with: COMMAND'", Refuses(""));
        Assert.EndsWith("expected a private key in PEM form, or a line 'sign-with: COMMAND'", Refuses($"{ours}{key.ToPem(null)}sign-with: true\n"));
        Assert.EndsWith("no BEGIN PUBLIC KEY in it", Refuses("sign-with: true\n"));
        Assert.Contains($"the private key does not belong to the public key {other.KeyId[..12]}", Refuses($"{theirs}{key.ToPem(null)}"));
        Assert.Contains("wrong passphrase, or", Refuses($"{ours}{key.ToPem("another")}"));
    }

    private string Refuses(string text)
    {
        var file = _scratch.Write("a.key", Encoding.UTF8.GetBytes(text));
        var message = Assert.Throws<InvalidDataException>(() => KeyFile.Read(file).Open(() => "phrase")).Message;
        Assert.StartsWith(file, message);
        return message;
    }

    private static void Read(string file, byte[] bytes)
    {
        switch (file)
        {
            case RepositoryPaths.Staged:
                foreach (var (role, staged) in StagedEdit.Read(bytes, file).Roles) StagedEdit.Parse(role, staged);
                break;
            case RepositoryPaths.Settings:
                RepositorySettings.Read(bytes);
                break;
            default:
                PendingChange.Read(bytes, file);
                break;
        }
    }

    private static byte[] Example(string file)
    {
        var people = new TestPublisher();
        var files = new MemoryFiles();
        people.Init(files);
        using var editor = people.Open(files);
        editor.Stage(editor.Draft, people.Ring());
        return file switch
        {
            RepositoryPaths.Staged => files.Content[RepositoryPaths.Staged],
            RepositoryPaths.Settings => new RepositorySettings { PublishTo = "/srv/www" }.ToBytes(),
            _ => Encoding.UTF8.GetBytes("""{"files":{"metadata/1.root.json":"AAEC","staged.json":null},"format":1}"""),
        };
    }

    /// <summary>Members that may be absent, those of tables, and those whose kind nobody looks at.</summary>
    private static bool IsOptional(string where) =>
        where is "publishTo-" or "publishTo" || where.StartsWith("lifetimeHours.", StringComparison.Ordinal) && where.EndsWith('-')
        || where.Contains("consistent_snapshot-") || where.StartsWith("files.") || where.Split('.') is ["roles", _] && where.EndsWith('-')
        || (where.EndsWith('-') && where.Split('.') is [.., "keys", _]) || where.Contains("keyval.");

    public void Dispose() => _scratch.Dispose();
}
