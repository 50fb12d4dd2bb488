using Firn.Formats.Trees;
using Firn.Images.Content;
using Firn.Images.Recipes;

namespace Firn.Tests.Images.Content;

public sealed class ContainerStorageTests
{
    private readonly FileTree _tree = new();

    [Fact]
    public void Each_runtime_has_its_place_and_its_question()
    {
        var recipe = Recipe("containers: { runtimes: [containerd, podman] }");
        Assert.Equal(["containers", "containerd"], ContainerStorage.Directories(recipe));
        Assert.Equal(["container podman", "container containerd"], ContainerStorage.Settings(recipe)!.Of("check"));
        Assert.Null(ContainerStorage.Settings(Recipe("containers: { runtimes: [podman], check: false }")));
        Assert.Null(ContainerStorage.Settings(Recipe("")));
    }

    [Fact]
    public void Questions_of_the_agent_stay()
    {
        var recipe = Recipe("containers: { runtimes: [podman] }\nrepository: { urls: ['https://h'], root: /dev/null }\nagent: { check: [gateway] }");
        Assert.Equal("check=gateway\ncheck=container podman\n", ContainerStorage.Settings(recipe)!.ToText());
    }

    [Theory]
    [InlineData("podman", "usr/bin/crun", "no /usr/bin/podman; add the package podman")]
    [InlineData("podman", "usr/bin/podman", "no /usr/bin/crun; add the package crun")]
    [InlineData("containerd", "usr/bin/ctr usr/sbin/runc", "no /usr/bin/containerd; add the package containerd")]
    [InlineData("docker", "usr/bin/docker", "no /usr/sbin/dockerd; add the package docker.io")]
    public void What_is_not_in_the_root_filesystem_is_an_error_of_the_build(string runtime, string programs, string problem)
    {
        Put(programs);
        Assert.Contains(problem, Assert.Throws<InvalidDataException>(() => ContainerStorage.Check(_tree, Recipe($"containers: {{ runtimes: [{runtime}] }}"))).Message);
    }

    [Fact]
    public void What_would_be_hidden_is_refused_and_an_empty_place_is_none()
    {
        Put("usr/bin/podman usr/sbin/runc");
        _tree.Directory("var/lib/containers/storage", 0);
        ContainerStorage.Check(_tree, Recipe("containers: { runtimes: [podman] }"));

        Put("var/lib/containers/storage/overlay/x");
        Assert.Contains("/var/lib/containers of the root filesystem has files", Assert.Throws<InvalidDataException>(
            () => ContainerStorage.Check(_tree, Recipe("containers: { runtimes: [podman] }"))).Message);
    }

    private static Recipe Recipe(string text) => RecipeReader.Read($"name: a\nversion: 1\nsource: {{ directory: . }}\n{text}\n", "recipe", "/");

    private void Put(string paths)
    {
        foreach (var path in paths.Split(' ')) _tree.Put(path, new(FileKind.File) { Content = FileContent.Of("x"u8.ToArray()) });
    }
}
