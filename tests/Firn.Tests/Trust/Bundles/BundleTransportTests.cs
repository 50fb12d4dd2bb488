using Firn.Tests.Formats;
using Firn.Trust.Bundles;
using Firn.Trust.Client;
using Firn.Trust.Metadata;
using Firn.Trust.Transports;

namespace Firn.Tests.Trust.Bundles;

public sealed class BundleTransportTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly TestRepository _repository = new();

    public BundleTransportTests()
    {
        _repository.AddTarget(RoleNames.Targets, $"stable/{new string('n', 90)}/root.squashfs", new byte[100_000]);
        _repository.Publish(RoleNames.Targets);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bundle_is_a_repository_in_one_file()
    {
        using var machine = new TestMachine(_repository);
        using var client = machine.NewClient(Transport.Of(_repository.BundleTo(_scratch.File("x.firn")), new()));

        await client.RefreshAsync(RefreshOptions.Default, Token);
        var target = await client.RequireAsync($"stable/{new string('n', 90)}/root.squashfs", Token);
        await File.WriteAllBytesAsync(_scratch.File("target.part"), new byte[60_000], Token);
        await TargetDownload.RunAsync(client, target, _scratch.File("target"), Token);

        Assert.Equal(new byte[100_000], await File.ReadAllBytesAsync(_scratch.File("target"), Token));
    }

    [Fact]
    public void Anyone_can_look_into_it_and_metadata_comes_first()
    {
        var names = ForeignTool.Run("tar", "-tf", _repository.BundleTo(_scratch.File("x.firn")))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(name => !name.EndsWith('/')).ToArray();

        Assert.Equal("./bundle.json", names[0]);
        Assert.StartsWith("./metadata/", names[1], StringComparison.Ordinal);
        Assert.StartsWith("./targets/", names[^1], StringComparison.Ordinal);
        Assert.Equal(_repository.Metadata.Count + _repository.Targets.Count + 1, names.Length);
    }

    [Fact]
    public void The_same_files_are_the_same_bytes() => Assert.Equal(
        File.ReadAllBytes(_repository.BundleTo(_scratch.File("a"))), File.ReadAllBytes(_repository.BundleTo(_scratch.File("b"))));

    [Fact]
    public void Other_archives_and_other_files_are_no_bundles()
    {
        File.WriteAllText(_scratch.File("file"), "not a tar");
        ForeignTool.RunIn(_scratch.Path, "tar", "-cf", "other.tar", "file");
        ForeignTool.RunIn(_scratch.Path, "ln", "-s", "file", "bundle.json");
        ForeignTool.RunIn(_scratch.Path, "tar", "-cf", "link.tar", "bundle.json");

        foreach (var name in (string[])["file", "other.tar", "link.tar"])
            Assert.Contains("not a bundle", Assert.Throws<InvalidDataException>(() => BundleTransport.Open(_scratch.File(name))).Message);
    }

    [Fact]
    public void Damage_is_survived()
    {
        var bytes = File.ReadAllBytes(_repository.BundleTo(_scratch.File("x.firn")));
        Damage.IsSurvived(bytes, damaged => BundleTransport.Open(_scratch.Write("damaged", damaged)).Dispose(), reach: 4096);
        Damage.TruncationIsSurvived(bytes, damaged => BundleTransport.Open(_scratch.Write("short", damaged)).Dispose(), step: 1536);
        Damage.IsSurvived(new BundleFormat("stable", ["a"]).ToBytes(), damaged => BundleFormat.Read(damaged));
    }

    public void Dispose() => _scratch.Dispose();
}
