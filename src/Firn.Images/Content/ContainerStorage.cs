using System.Collections.Immutable;
using Firn.Formats.Overlays;
using Firn.Formats.Trees;
using Firn.Images.Recipes;

namespace Firn.Images.Content;

/// <summary>
/// Where container runtimes keep what they have: directories of the data partition itself, because their overlays cannot lie on the overlay
/// that is /var. docs/decisions/0092-containers.md.
/// </summary>
internal static class ContainerStorage
{
    /// <param name="Directory">Below /var/lib.</param>
    /// <param name="Programs">All must be there; of alternatives, which '|' divides, one.</param>
    private sealed record Runtime(string Name, string Directory, string Package, ImmutableArray<string> Programs);

    private const string Starters = "usr/bin/crun|usr/bin/runc|usr/sbin/runc|usr/local/bin/runc|usr/local/bin/crun";

    private static readonly Runtime[] Known =
    [
        new("podman", "containers", "podman", ["usr/bin/podman", Starters]),
        new("containerd", "containerd", "containerd", ["usr/bin/containerd|usr/local/bin/containerd", "usr/bin/ctr|usr/local/bin/ctr", Starters]),
        new("docker", "docker", "docker.io", ["usr/sbin/dockerd|usr/bin/dockerd", "usr/bin/docker"]),
    ];

    public static ImmutableArray<string> Names { get; } = [.. Known.Select(runtime => runtime.Name)];

    /// <summary>Below /var/lib, for the initramfs.</summary>
    public static IEnumerable<string> Directories(Recipe recipe) => Wanted(recipe).Select(runtime => runtime.Directory);

    /// <summary>The agent's settings, with a question for each runtime.</summary>
    public static NamedValues? Settings(Recipe recipe)
    {
        if (recipe.Containers is not { IsChecked: true }) return recipe.Agent;
        return Wanted(recipe).Aggregate(recipe.Agent ?? NamedValues.None, (settings, runtime) => settings.With("check", $"container {runtime.Name}"));
    }

    /// <exception cref="InvalidDataException">A runtime is not in the root filesystem, or has files where the data partition's will lie.</exception>
    public static void Check(FileTree tree, Recipe recipe)
    {
        foreach (var runtime in Wanted(recipe))
        {
            foreach (var program in runtime.Programs)
                if (!program.Split('|').Any(path => tree.Resolve(path) is { Kind: FileKind.File }))
                    throw new InvalidDataException($"containers.runtimes has {runtime.Name}, and the root filesystem has no /{program.Split('|')[0]}; add the package {(program == Starters ? "crun" : runtime.Package)}");
            if (tree.Resolve($"var/lib/{runtime.Directory}") is { IsDirectory: true } place && HasFile(place))
                throw new InvalidDataException(
                    $"/var/lib/{runtime.Directory} of the root filesystem has files, which a directory of the data partition hides; "
                    + "images that shall come with the system belong elsewhere (podman: additionalimagestores in storage.conf)");
        }
    }

    private static bool HasFile(FileNode directory) => directory.Children.Values.Any(node => node.IsDirectory ? HasFile(node) : node.Kind == FileKind.File);

    private static IEnumerable<Runtime> Wanted(Recipe recipe) => Known.Where(runtime => recipe.Containers?.Runtimes.Contains(runtime.Name) == true);
}
