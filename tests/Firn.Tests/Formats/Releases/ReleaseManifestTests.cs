using System.Collections.Immutable;
using System.Text;
using Firn.Formats.Releases;
using FsCheck;
using FsCheck.Fluent;

namespace Firn.Tests.Formats.Releases;

public sealed class ReleaseManifestTests
{
    private static readonly ReleaseManifest Valid = new(
        ReleaseManifest.CurrentFormat, "edge-box", "1.4.0", "x86-64",
        new("boot.img", 1 << 20, new string('a', 64)), new("root.squashfs", 5 << 20, new string('0', 64), VerityRootHash: new string('e', 64)),
        new("firn 0.1.0", 1767225600, ImmutableSortedDictionary<string, string>.Empty.Add("kernel", "6.1")));

    [Fact]
    public void What_is_written_is_read_back()
    {
        var read = ReleaseManifest.Read(Valid.ToJson());

        Assert.Equal(Valid with { Build = read.Build }, read);
        Assert.Equal(Valid.Build.Inputs, read.Build.Inputs);
    }

    [Theory]
    [InlineData("\"root.squashfs\"", "\"../root\"", "plain file name")]
    [InlineData("\"boot.img\"", "\"..\"", "plain file name")]
    [InlineData("\"format\": 1", "\"format\": 2", "format 2")]
    [InlineData("\"1.4.0\"", "\"1 4\"", "version")]
    [InlineData("\"edge-box\"", "null", "name")]
    [InlineData("5242880", "-1", "sizeBytes")]
    [InlineData("aaaaaaaa", "AAAAAAAA", "sha256")]
    [InlineData("eeeeeeee", "", "verityRootHash")]
    public void A_field_that_cannot_be_is_named(string found, string replaced, string expected)
    {
        var json = Encoding.UTF8.GetString(Valid.ToJson()).Replace(found, replaced);

        var error = Assert.Throws<InvalidDataException>(() => ReleaseManifest.Read(Encoding.UTF8.GetBytes(json)));

        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_damaged_manifest_is_a_value_or_invalid()
    {
        var valid = Valid.ToJson();
        var damage = Gen.Choose(0, valid.Length - 1).SelectMany(_ => Gen.Choose(0, 255), (at, value) => (at, value)).ListOf(3).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithReplay(1, 1), Prop.ForAll(damage, changes =>
        {
            var json = (byte[])valid.Clone();
            foreach (var (at, value) in changes) json[at] = (byte)value;
            try
            {
                ReleaseManifest.Read(json);
            }
            catch (InvalidDataException)
            {
            }
        }));
    }
}
