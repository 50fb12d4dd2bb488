using System.Text.RegularExpressions;
using Firn.Formats.Trees;
using Firn.Images.Recipes;

namespace Firn.Images.Content;

/// <summary>
/// Makes a root filesystem one that many machines can share and that is the same in every build: what belongs to a
/// single machine (identity, keys, seeds) or to the build (logs, caches, package lists) goes, and what Firn provides
/// (mounts, names) is put in place. Files that the recipe itself adds are left alone.
/// </summary>
internal sealed partial class Pristine
{
    private const string HostKeyUnit = "firn-ssh-host-keys.service";
    private const uint StickyForAll = 0x3ff;

    private readonly FileTree _tree;
    private readonly Recipe _recipe;
    private readonly long _epoch;

    private Pristine(FileTree tree, Recipe recipe, long epoch) => (_tree, _recipe, _epoch) = (tree, recipe, epoch);

    public static void Make(FileTree tree, Recipe recipe, long epoch)
    {
        var pristine = new Pristine(tree, recipe, epoch);
        pristine.EmptyWhatIsMountedOver();
        pristine.ForgetTheMachine();
        pristine.ForgetTheBuild();
        pristine.NameTheMachine();
        pristine.Resolve();
        pristine.ClampTimes();
    }

    /// <summary>Mounted by the initramfs or systemd, so there must be a directory, and nothing in it is ever seen.</summary>
    private void EmptyWhatIsMountedOver()
    {
        (_tree.Root.Mode, _tree.Root.Uid, _tree.Root.Gid) = (0x1ed, 0, 0);    // of a temporary directory, it may be 0700
        foreach (var path in new[] { "boot", "data", "dev", "etc", "home", "mnt", "proc", "root", "run", "sys", "tmp", "var/tmp" })
        {
            var isMissing = _tree.Resolve(path) is null;
            if (isMissing) TreeEdit.Remove(_tree, path);    // a link that leads nowhere
            var directory = TreeEdit.Directory(_tree, path, _epoch);
            if (path is "tmp" or "var/tmp") directory.Mode = StickyForAll;
            if (path is "root" && isMissing) directory.Mode = 0x1c0;
            if (path is "proc" or "run" or "sys" or "tmp" or "var/tmp") Empty(path, directory);
        }
        if (TreeEdit.Find(_tree, "etc/fstab") is { Kind: FileKind.File } fstab && !IsOurs("etc/fstab")) Truncate(fstab);
    }

    private void ForgetTheMachine()
    {
        // Present and empty: systemd makes an id at the first boot and keeps it in the overlay of /etc. Missing, or with
        // "uninitialized", it would also take the boot for a first one and enable or disable units by its presets, which
        // is for the recipe to say. machine-id(5), "First Boot Semantics".
        if (!IsOurs("etc/machine-id") && (HasSystemd || TreeEdit.Find(_tree, "etc/machine-id") is not null))
            TreeEdit.PutFile(_tree, "etc/machine-id", "", _epoch, 0x124);
        if (TreeEdit.Find(_tree, "var/lib/dbus/machine-id") is { Kind: FileKind.File } && !IsOurs("var/lib/dbus/machine-id"))
            TreeEdit.PutLink(_tree, "var/lib/dbus/machine-id", "/etc/machine-id", _epoch);
        RemoveIn("etc/ssh", HostKeys());
        RemoveIn("var/lib/systemd", Seeds());
        Remove("var/lib/urandom/random-seed", ".dockerenv");
        if (HasSystemd && _tree.Resolve("usr/sbin/sshd") is not null && _tree.Resolve("usr/bin/ssh-keygen") is not null) AddHostKeyUnit();
    }

    private void AddHostKeyUnit()
    {
        const string units = "usr/lib/systemd/system";
        TreeEdit.PutFile(_tree, $"{units}/{HostKeyUnit}", """
            [Unit]
            Description=Make SSH host keys of this machine's own
            ConditionPathExistsGlob=!/etc/ssh/ssh_host_*_key
            Before=ssh.service sshd.service

            [Service]
            Type=oneshot
            RemainAfterExit=yes
            ExecStart=/usr/bin/ssh-keygen -A

            """, _epoch);
        TreeEdit.PutLink(_tree, $"{units}/multi-user.target.wants/{HostKeyUnit}", $"../{HostKeyUnit}", _epoch);
    }

    private void ForgetTheBuild()
    {
        Remove("var/cache/ldconfig/aux-cache", "etc/.pwd.lock");
        RemoveIn("etc", AccountBackups());
        RemoveIn("var/lib/dpkg", OldFiles());
        RemoveIn("var/cache/debconf", OldFiles());
        RemoveIn("var/cache/apt", Binaries());
        foreach (var path in new[] { "var/cache/apt/archives", "var/cache/apt/archives/partial", "var/lib/apt/lists", "var/lib/apt/lists/partial" })
            RemoveIn(path, Anything(), FileKind.File);
        if (_tree.Resolve("var/log") is { IsDirectory: true } logs) ForgetLogs("var/log", logs);
    }

    /// <summary>Directories stay, with their owners; files that programs expect to find stay empty.</summary>
    private void ForgetLogs(string path, FileNode directory)
    {
        foreach (var (name, node) in directory.Children.ToArray())
        {
            var below = $"{path}/{name}";
            if (IsOurs(below)) continue;
            if (node.IsDirectory && path == "var/log/journal") directory.Children.Remove(name);
            else if (node.IsDirectory) ForgetLogs(below, node);
            else if (node.Kind != FileKind.File) continue;
            else if (name.ToString() is "lastlog" or "wtmp" or "btmp" or "faillog") Truncate(node);
            else if (Logs().IsMatch(name.ToString())) directory.Children.Remove(name);
        }
    }

    private void NameTheMachine()
    {
        if (!IsOurs("etc/hostname")) TreeEdit.PutFile(_tree, "etc/hostname", $"{_recipe.Hostname}\n", _epoch);
        if (IsOurs("etc/hosts")) return;
        var names = _recipe.Hostname.Split('.') is [var first, _, ..] ? $"{_recipe.Hostname} {first}" : _recipe.Hostname;
        var hosts = _tree.Resolve("etc/hosts") is { Kind: FileKind.File } file && file.Content.SizeBytes > 0
            ? System.Text.Encoding.Latin1.GetString(file.Content.ReadAll(1 << 20))
            : "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";
        var kept = hosts.TrimEnd('\n').Split('\n').Where(line => !line.StartsWith("127.0.1.1", StringComparison.Ordinal));
        var text = $"{string.Join('\n', kept)}\n127.0.1.1\t{names}\n";
        TreeEdit.Put(_tree, "etc/hosts", new(FileKind.File) { Content = FileContent.Of(System.Text.Encoding.Latin1.GetBytes(text)), ModifiedSeconds = _epoch });
    }

    /// <summary>A resolv.conf that is a file is the build machine's. What writes it on the machine finds an overlay.</summary>
    private void Resolve()
    {
        if (IsOurs("etc/resolv.conf") || TreeEdit.Find(_tree, "etc/resolv.conf") is { Kind: not FileKind.File }) return;
        if (HasProgram("systemd-resolved")) TreeEdit.PutLink(_tree, "etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf", _epoch);
        else TreeEdit.PutFile(_tree, "etc/resolv.conf", "", _epoch);
    }

    private void ClampTimes()
    {
        _tree.Root.ModifiedSeconds = Math.Min(_tree.Root.ModifiedSeconds, _epoch);
        foreach (var (_, node) in _tree.Walk()) node.ModifiedSeconds = Math.Min(node.ModifiedSeconds, _epoch);
    }

    private bool HasSystemd => HasProgram("systemd");
    private bool HasProgram(string name) => (_tree.Resolve($"usr/lib/systemd/{name}") ?? _tree.Resolve($"lib/systemd/{name}")) is not null;

    private bool IsOurs(string path) => _recipe.Files.Any(file =>
        file.Path.Relative == path || path.StartsWith($"{file.Path.Relative}/", StringComparison.Ordinal));

    /// <summary>Whether the recipe adds something at a path or below it.</summary>
    private bool HoldsOurs(string path) =>
        IsOurs(path) || _recipe.Files.Any(file => file.Path.Relative.StartsWith($"{path}/", StringComparison.Ordinal));

    private void Empty(string path, FileNode directory)
    {
        foreach (var name in directory.Children.Keys.ToArray())
            if (!HoldsOurs($"{path}/{name}")) directory.Children.Remove(name);
    }

    private void Remove(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
            if (!IsOurs(path)) TreeEdit.Remove(_tree, path);
    }

    private void RemoveIn(string path, Regex names, FileKind? kind = null)
    {
        if (_tree.Resolve(path) is not { IsDirectory: true } directory) return;
        foreach (var (name, node) in directory.Children.ToArray())
            if (names.IsMatch(name.ToString()) && !node.IsDirectory && (kind ?? node.Kind) == node.Kind && !IsOurs($"{path}/{name}"))
                directory.Children.Remove(name);
    }

    private void Truncate(FileNode file) => (file.Content, file.ModifiedSeconds) = (FileContent.Empty, _epoch);

    [GeneratedRegex(@"^ssh_host_.*_key(\.pub)?$")]
    private static partial Regex HostKeys();
    [GeneratedRegex("^(random-seed|credential.secret)$")]
    private static partial Regex Seeds();
    [GeneratedRegex("^(passwd|group|shadow|gshadow|subuid|subgid)-$")]
    private static partial Regex AccountBackups();
    [GeneratedRegex("-old$")]
    private static partial Regex OldFiles();
    [GeneratedRegex(@"\.bin$")]
    private static partial Regex Binaries();
    [GeneratedRegex("")]
    private static partial Regex Anything();
    [GeneratedRegex(@"\.log(\.[0-9]+)?(\.(gz|xz))?$|^(syslog|messages|dmesg)$")]
    private static partial Regex Logs();
}
