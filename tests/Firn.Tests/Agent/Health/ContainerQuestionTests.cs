using Firn.Agent.Health;
using Firn.Tests.Formats;

namespace Firn.Tests.Agent.Health;

public sealed class ContainerQuestionTests
{
    private readonly List<string> _asked = [];

    [Fact]
    public void Podman_is_asked_for_a_container_of_this_systems_own_files()
    {
        Assert.Null(Question().Problem(["podman"]));
        Assert.Equal(["podman run --rm --network=none --rootfs /:O /bin/true"], _asked);
    }

    [Theory]
    [InlineData("containerd", "ctr --namespace firn-health run --rm firn.local/health:1 health", "ctr namespaces remove firn-health")]
    [InlineData("docker", "docker run --rm --network=none firn.local/health:1", "docker rmi --force firn.local/health:1")]
    public void What_others_need_is_made_and_taken_away_again_whatever_comes_of_it(string runtime, string run, string last)
    {
        Assert.Null(Question().Problem([runtime]));
        Assert.Contains(run, _asked);
        Assert.Equal(last, _asked[^1]);
        Assert.DoesNotContain(Directory.GetDirectories(Path.GetTempPath(), "firn-health-*"), directory => _asked.Any(line => line.Contains(directory)));

        _asked.Clear();
        Assert.Equal("no shim", Question(line => line == run ? "no shim" : null).Problem([runtime]));
        Assert.Equal(last, _asked[^1]);

        _asked.Clear();
        Assert.Equal("not loaded", Question(line => line.Contains("image.tar") ? "not loaded" : null).Problem([runtime]));
        Assert.DoesNotContain(run, _asked);
        Assert.Equal(last, _asked[^1]);
    }

    [Fact]
    public void An_image_that_is_named_is_started_as_it_is()
    {
        Assert.Equal("no", Question(_ => "no").Problem(["docker", "box:1"]));
        Assert.Equal(["docker run --rm --network=none box:1 /bin/true"], _asked);
    }

    [Fact]
    public void The_image_is_whole_and_its_program_ends_well()
    {
        using var scratch = new ScratchDirectory();
        File.WriteAllBytes(scratch.File("image.tar"), HealthImage.ToArchive());
        Shell.Run("tar -xf image.tar && tar -xf layer.tar && ./true", scratch.Path);
        Assert.Contains("executable, x86-64", Shell.Run("file true", scratch.Path));
        Assert.Equal($"sha256:{Shell.Run("sha256sum layer.tar | cut -c-64", scratch.Path).Trim()}\n", Shell.Run("jq -r .rootfs.diff_ids[0] config.json", scratch.Path));
        Assert.Equal("firn.local/health:1 layer.tar config.json\n", Shell.Run("jq -r '.[0] | .RepoTags[0] + \" \" + .Layers[0] + \" \" + .Config' manifest.json", scratch.Path));
    }

    private ContainerQuestion Question(Func<string, string?>? answer = null) => new((program, arguments) =>
    {
        _asked.Add($"{program} {string.Join(' ', arguments)}");
        return answer?.Invoke(_asked[^1]);
    });
}
