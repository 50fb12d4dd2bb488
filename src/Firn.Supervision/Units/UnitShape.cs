namespace Firn.Supervision.Units;

/// <summary>
/// What a type of unit stands for. Mounts and the like are resources: commands bring them about and take them away,
/// and another says whether they are there.
/// </summary>
internal sealed record UnitShape(UnitType Type, string[]? Run = null, string[][]? Check = null, string[][]? Stop = null, string[][]? Reload = null)
{
    public const string Expected = "service, oneshot, resource, mount, subroot, install, setup or pm";

    // $1 is the target; each of these may be run again without harm. What is a slave takes nothing away elsewhere when it is unmounted.
    private const string Subroot = """
        set -e
        mkdir -p "$1/dev" "$1/proc" "$1/sys" "$1/run" "$1/tmp" "$1/etc"
        mountpoint -q "$1" || mount --bind "$1" "$1"
        mountpoint -q "$1/proc" || mount -t proc proc "$1/proc"
        mountpoint -q "$1/dev" || { mount --rbind /dev "$1/dev" && mount --make-rslave "$1/dev"; }
        mountpoint -q "$1/sys" || { mount --rbind /sys "$1/sys" && mount --make-rslave "$1/sys"; }
        for part in $2; do
          [ -e "/$part" ] || continue
          if [ -h "/$part" ]; then [ -e "$1/$part" ] || cp -P "/$part" "$1/$part"; continue; fi
          mkdir -p "$1/$part"
          mountpoint -q "$1/$part" || mount --bind -o ro "/$part" "$1/$part"
        done
        """;

    public static UnitShape? Of(string kind, UnitProperties properties, Func<string, string> text)
    {
        switch (kind)
        {
            case "service": return new(UnitType.Service);
            case "oneshot": return new(UnitType.Oneshot);
            case "resource": return new(UnitType.Resource);
            case "mount":
                var (what, where) = (text("mount.what"), text("mount.where"));
                var options = text("mount.options") is { Length: > 0 } given ? given : "defaults";
                var mount = what == "tmpfs" ? "mount -t tmpfs -o \"$3\" tmpfs \"$2\"" : "mount --bind \"$1\" \"$2\" && mount -o \"remount,bind,$3\" \"$2\"";
                return new(UnitType.Resource,
                    Shell($"mkdir -p \"$2\" && {{ mountpoint -q \"$2\" || {{ {mount}; }}; }}", what, where, options),
                    [Shell("mountpoint -q \"$1\"", where)], [Shell("! mountpoint -q \"$1\" || umount \"$1\"", where)]);
            case "subroot":
                var root = text("subroot.where");
                var parts = text("subroot.parts") is { Length: > 0 } named ? named : "bin sbin lib lib64 usr";
                return new(UnitType.Resource,
                    Shell(Subroot, root, parts), [Shell("mountpoint -q \"$1\" && mountpoint -q \"$1/proc\"", root)],
                    [Shell("! mountpoint -q \"$1\" || umount -R \"$1\"", root)]);
            case "install" or "setup":
                return new(UnitType.Resource,
                    Words(properties, $"{kind}.run", text), Check: [Words(properties, $"{kind}.check", text) ?? ["true"]],
                    Reload: kind == "setup" && Words(properties, "setup.run", text) is { } again ? [again] : null);
            case "pm":
                var words = new List<string> { text("pm.program") is { Length: > 0 } program ? program : Environment.ProcessPath!, "pm", "main", "--home", text("pm.home") };
                if (text("pm.units") is { Length: > 0 } units) words.AddRange(["--units", units]);
                if (text("pm.onManagerDeath") is { Length: > 0 } policy) words.AddRange(["--on-manager-death", policy]);
                return new(UnitType.Service, [.. words]);
            default: return null;
        }
    }

    private static string[] Shell(string script, params string[] arguments) => ["/bin/sh", "-c", script, "pm", .. arguments];

    private static string[]? Words(UnitProperties properties, string key, Func<string, string> text) =>
        properties.Value(key) is null ? null : CommandWords.Split(text(key));
}
