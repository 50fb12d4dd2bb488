using System.Text;
using Firn.Formats.Trees;
using Firn.Images.Recipes;

namespace Firn.Images.Content;

/// <summary>Units of <c>firn pm</c> in an image: where they lie, who starts the manager, and those of Firn itself.</summary>
public static class ServiceUnits
{
    internal const string Directory = "etc/firn/units", FirstProcess = "usr/sbin/init";

    /// <summary>
    /// Where systemd does not run Firn's own services, these do. Whoever checks a recipe's units must know of them: they
    /// share the names.
    /// </summary>
    public static IEnumerable<(string Name, string Text)> Own(Recipe recipe)
    {
        yield return Read("firn-confirm");
        if (recipe.Agent is not null) yield return Read("firn-agent");
        if (recipe.Layout.HasRescue) yield return Read("firn-rescue");
        if (recipe.HasWeb) yield return Read("firn-web");
        if (recipe.Devices is { } devices)
        {
            var (name, text) = Read("firn-device");
            yield return (name, text.Replace("--manager auto", $"--manager {devices.Manager}"));
        }
    }

    /// <exception cref="InvalidDataException">It cannot be the one that the recipe names.</exception>
    internal static ServiceHost? HostOf(Recipe recipe, FileTree tree)
    {
        if (recipe.Services is not { } services) return null;
        var hasSystemd = tree.Resolve("usr/lib/systemd/systemd") is { Kind: FileKind.File };
        var hasInit = tree.Resolve("sbin/init") is not null;
        return services.Host switch
        {
            ServiceHost.Auto => hasSystemd ? ServiceHost.Systemd : hasInit ? null : ServiceHost.Init,
            ServiceHost.Systemd when !hasSystemd => throw new InvalidDataException(
                "services.host is systemd, which the root filesystem does not have; add the package systemd-sysv, or leave host out"),
            ServiceHost.Init when hasInit => throw new InvalidDataException(
                "services.host is init, and the root filesystem has a /sbin/init already; leave that out (systemd-sysv, sysvinit-core, busybox), or host"),
            var host => host,
        };
    }

    private static (string Name, string Text) Read(string name) => (name, Encoding.UTF8.GetString(EmbeddedFile.Read($"{name}.yaml")));
}
