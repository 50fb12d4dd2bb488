using System.Text;
using Firn.Formats.Tar;
using Firn.Formats.Trees;
using Firn.Images.Building;
using Firn.Images.Recipes;

namespace Firn.Images.Content;

/// <summary>
/// Runs the commands of a recipe inside the tree: it is unpacked into a directory, the commands run there under chroot in
/// namespaces of their own, and what they left is packed and read again. Mounts and processes end with the namespaces,
/// the directory goes in any case. As root, or as a user with ranges in /etc/subuid, then in a user namespace.
/// </summary>
internal sealed class ChrootCommands
{
    private const string HostResolver = "/etc/resolv.conf", Resolver = "etc/resolv.conf", ServicePolicy = "usr/sbin/policy-rc.d";

    /// <summary>Makes postinst scripts install services without starting them.</summary>
    private const string NoServices = "#!/bin/sh\nexit 101\n";

    /// <summary>
    /// $1 is the directory to work in, commands follow; the tree comes on standard input. Nested namespaces: the inner one
    /// takes its mounts with it, so that the outer one packs what lies under them.
    /// </summary>
    private const string Script = """
        set -eu
        umask 022    # the same for every builder: what commands make has its mode from it
        exec 2>&1    # one after the other, as it was written
        work=$1
        root=$work/root
        mkdir -m 755 "$root"
        tar --extract --file=- --directory="$root" --numeric-owner --same-owner --same-permissions \
          --xattrs --xattrs-include='*' --warning=no-timestamp
        exec < /dev/null
        unshare --mount --pid --fork --kill-child sh -euc "$INSIDE" "$@"
        tar --create --file="$work/root.tar" --directory="$root" --format=pax --pax-option=delete=atime,delete=ctime \
          --sort=name --sparse --numeric-owner --xattrs --xattrs-include='*' .
        """;

    private const string Inside = """
        work=$0
        root=$work/root
        mount -t proc proc "$root/proc"
        mount -t tmpfs -o mode=755 tmpfs "$root/run"
        mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
        mount -t tmpfs -o mode=755 tmpfs "$root/dev"
        for node in null zero full random urandom tty; do
          : > "$root/dev/$node"
          mount --bind "/dev/$node" "$root/dev/$node"
        done
        mkdir "$root/dev/pts" "$root/dev/shm"
        mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
        ln -s pts/ptmx "$root/dev/ptmx"
        ln -s /proc/self/fd "$root/dev/fd"
        ln -s fd/0 "$root/dev/stdin"
        ln -s fd/1 "$root/dev/stdout"
        ln -s fd/2 "$root/dev/stderr"
        number=0
        for command; do
          env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 TZ=UTC \
            DEBIAN_FRONTEND=noninteractive SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" \
            chroot "$root" /bin/sh -c "$command" || { echo "$number $?" > "$work/failed"; exit 1; }
          number=$((number + 1))
        done
        """;

    private static readonly string[] MountPoints = ["proc", "run", "tmp", "dev"];

    private readonly FileTree _tree;
    private readonly Recipe _recipe;
    private readonly long _epoch;
    private readonly string _work;

    private ChrootCommands(FileTree tree, Recipe recipe, long epoch, string work) =>
        (_tree, _recipe, _epoch, _work) = (tree, recipe, epoch, work);

    /// <returns>The tree as the commands left it.</returns>
    /// <exception cref="RecipeException">A command failed: its line, and the last it wrote.</exception>
    /// <exception cref="ToolException">Not root and no ranges in /etc/subuid, or a tool is missing.</exception>
    public static FileTree Run(FileTree tree, Recipe recipe, long epoch, SpoolArea spool, Action<string> step)
    {
        if (recipe.Commands.IsEmpty) return tree;
        step("run commands");
        CheckRights();
        var work = spool.NewPath("commands");
        Directory.CreateDirectory(work);
        try
        {
            return new ChrootCommands(tree, recipe, epoch, work).Run(spool);
        }
        finally
        {
            // by rm and in the user namespace: names may be any bytes, and owners any of the ranges
            var (remove, prefix) = AsRoot();
            remove.Run([.. prefix, "rm", "-rf", "--", work]);
        }
    }

    private FileTree Run(SpoolArea spool)
    {
        var resolver = Replace(Resolver, File.Exists(HostResolver) ? File.ReadAllText(HostResolver) : "", 0x1a4);
        var policy = Replace(ServicePolicy, NoServices, 0x1ed, onlyIfMissing: true);
        foreach (var path in MountPoints)
            if (!ReferenceEquals(TreeEdit.Directory(_tree, path, _epoch), _tree.Find(path)))
                throw new InvalidDataException($"/{path} of the root filesystem must be a directory, not a link, for commands to run");

        Execute();
        var after = ReadBack(spool);
        RestoreNodes(_tree.Root, after.Root);
        Restore(after, Resolver, resolver);
        Restore(after, ServicePolicy, policy);
        return after;
    }

    private void Execute()
    {
        var (script, prefix) = AsRoot(input =>
            TarWriter.Write(_tree, input, node => node.Kind is not (FileKind.CharacterDevice or FileKind.BlockDevice)));
        script.Environment["INSIDE"] = Inside;
        script.Environment["SOURCE_DATE_EPOCH"] = $"{_epoch}";
        string[] arguments = [_work, .. _recipe.Commands.Select(command => command.Text)];
        if (script.RunToEnd([.. prefix, "sh", "-c", Script, "sh", .. arguments]) == 0) return;

        var failed = Path.Combine(_work, "failed");
        if (!File.Exists(failed)) throw new ToolException($"the commands of the recipe cannot be run:\n{script.Tail}");
        var numbers = File.ReadAllText(failed).Split(' ', '\n');
        var command = _recipe.Commands[int.Parse(numbers[0])];
        throw new RecipeException(new RecipeProblem(_recipe.FileName, command.Line,
            $"the command '{command.Text}' failed with exit code {numbers[1]}{(script.Tail.Length > 0 ? $":\n{script.Tail}" : "")}"));
    }

    private FileTree ReadBack(SpoolArea spool)
    {
        var packed = Path.Combine(_work, "root.tar");
        var tar = TarSource.Open(packed, spool);    // stays readable when its name is gone
        return TarSource.Named(packed, () => TarReader.Read(new ContentStream(tar), TarSource.Slices(tar)));
    }

    /// <summary>A user has no right to make devices, and tar does not hold sockets: both stay as they were.</summary>
    private static void RestoreNodes(FileNode before, FileNode after)
    {
        foreach (var (name, node) in before.Children)
            if (node.IsDirectory)
            {
                if (after.Children.GetValueOrDefault(name) is { IsDirectory: true } same) RestoreNodes(node, same);
            }
            else if (node.Kind is FileKind.CharacterDevice or FileKind.BlockDevice or FileKind.Socket)
            {
                after.Children.TryAdd(name, node);
            }
    }

    private Replaced? Replace(string path, string text, uint mode, bool onlyIfMissing = false)
    {
        var original = TreeEdit.Find(_tree, path);
        var hasPlace = _tree.Resolve(path[..path.LastIndexOf('/')]) is { IsDirectory: true };
        if (!hasPlace || (onlyIfMissing && original is not null)) return null;
        TreeEdit.PutFile(_tree, path, text, _epoch, mode);
        return new(original, text);
    }

    /// <summary>Unless a command changed it itself.</summary>
    private static void Restore(FileTree after, string path, Replaced? replaced)
    {
        if (replaced is null || TreeEdit.Find(after, path) is not { Kind: FileKind.File } file) return;
        if (!file.Content.ReadAll().AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(replaced.Text))) return;
        if (replaced.Original is { } original) TreeEdit.Put(after, path, original);
        else TreeEdit.Remove(after, path);
    }

    /// <summary>Runs a program as root: as ourselves, or as root of a user namespace that has all our ranges.</summary>
    private static (BuildProgram Program, string[] Prefix) AsRoot(Action<Stream>? input = null) =>
        Environment.IsPrivilegedProcess
            ? (new("env", "coreutils") { Input = input }, [])
            : (new("unshare", "util-linux") { Input = input }, ["--user", "--map-root-user", "--map-auto"]);

    private static void CheckRights()
    {
        var (program, prefix) = AsRoot();
        if (program.RunToEnd([.. prefix, "true"]) != 0)
            throw new ToolException(
                "commands run as root inside the root filesystem: run firn with sudo, or install the package uidmap and have "
                + $"ranges in /etc/subuid and /etc/subgid ({program.Tail})");
    }

    /// <summary>What stands in for a file while commands run, and what was there.</summary>
    private sealed record Replaced(FileNode? Original, string Text);
}
