using Firn.Formats.Trees;

namespace Firn.Images.Content;

/// <summary>A kernel of a root filesystem.</summary>
/// <param name="Release">As <c>uname -r</c> says, e.g. <c>6.1.0-50-amd64</c>.</param>
/// <param name="Image">What the boot loader loads.</param>
/// <param name="Modules">Its directory under <c>/usr/lib/modules</c>.</param>
internal sealed record Kernel(string Release, FileNode Image, FileNode Modules)
{
    /// <summary>The kernel asked for, or the newest one that is there with its modules.</summary>
    /// <exception cref="InvalidDataException">None is there, or not the one asked for.</exception>
    public static Kernel Find(FileTree tree, string? wantedRelease = null)
    {
        var modules = tree.Resolve("usr/lib/modules") ?? tree.Resolve("lib/modules");
        var releases = modules is null ? [] : modules.Children
            .Where(child => child.Value.IsDirectory && child.Value.Children.ContainsKey("modules.dep"))
            .Select(child => child.Key.ToString()).ToArray();
        var images = releases.Select(release => (Release: release, Image: FindImage(tree, release)))
            .Where(found => found.Image is not null)
            .OrderBy(found => found.Release, VersionOrder.Instance).ToArray();
        if (images.Length == 0)
            throw new InvalidDataException(releases.Length == 0
                ? "the root filesystem holds no kernel: add a kernel package such as linux-image-amd64"
                : $"the root filesystem holds modules for {string.Join(", ", releases)}, but no boot/vmlinuz- for them");
        var chosen = wantedRelease is null ? images[^1] : images.FirstOrDefault(found => found.Release == wantedRelease);
        if (chosen.Image is null)
            throw new InvalidDataException(
                $"kernel {wantedRelease} is not in the root filesystem; it holds {string.Join(", ", images.Select(found => found.Release))}");
        return new(chosen.Release, chosen.Image, modules!.Children[chosen.Release]);
    }

    private static FileNode? FindImage(FileTree tree, string release) =>
        new[] { $"boot/vmlinuz-{release}", $"usr/lib/modules/{release}/vmlinuz" }
            .Select(tree.Resolve).FirstOrDefault(node => node is { Kind: FileKind.File });
}
