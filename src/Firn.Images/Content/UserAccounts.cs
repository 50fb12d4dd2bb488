using System.Security.Cryptography;
using System.Text;
using Firn.Formats.Trees;
using Firn.Images.Building;
using Firn.Images.Recipes;
using Firn.Linux.Accounts;

namespace Firn.Images.Content;

/// <summary>
/// The users of a recipe in passwd, shadow, group and gshadow, with their homes and SSH keys. Root's password of the
/// source is never taken over: whoever knows it is not who builds the image.
/// </summary>
internal sealed class UserAccounts
{
    private const int PasswordField = 1, UidField = 2, GidField = 3, HomeField = 5, ShellField = 6;
    private const int GroupIdField = 2, MembersField = 3;
    private const uint FirstFreeId = 1000, LastFreeId = 59999;    // as adduser(8) of Debian
    private const string NoPassword = "*";

    private readonly FileTree _tree;
    private readonly Recipe _recipe;
    private readonly long _epoch;
    private readonly RecipeProblems _problems;
    private readonly AccountTable _passwd, _shadow, _group, _gshadow;

    private UserAccounts(FileTree tree, Recipe recipe, long epoch, RecipeProblems problems)
    {
        (_tree, _recipe, _epoch, _problems) = (tree, recipe, epoch, problems);
        (_passwd, _shadow) = (AccountTable.Read(tree, "etc/passwd"), AccountTable.Read(tree, "etc/shadow"));
        (_group, _gshadow) = (AccountTable.Read(tree, "etc/group"), AccountTable.Read(tree, "etc/gshadow"));
    }

    /// <param name="problems">What does not fit the root filesystem: a uid that is taken, a group that is not there.</param>
    /// <exception cref="ToolException">A password is to be hashed and the build machine has no libcrypt.</exception>
    public static void Apply(FileTree tree, Recipe recipe, long epoch, RecipeProblems problems)
    {
        var accounts = new UserAccounts(tree, recipe, epoch, problems);
        if (recipe.Users.All(user => user.Name != "root")) accounts.LockRoot();
        foreach (var user in recipe.Users) accounts.Add(user);
        accounts.Write();
    }

    private void LockRoot()
    {
        if (_passwd.Find("root") is null) return;
        if (Hash("root") is var hash && (hash.Length == 0 || hash[0] == '$'))
            _problems.Warn(0, "root's password in the source is not taken over; give root a password or an SSH key under users");
        SetPassword("root", NoPassword);
    }

    private string Hash(string name) =>
        _passwd.Field(name, PasswordField) is { } own && own != "x" ? own : _shadow.Field(name, PasswordField) ?? NoPassword;

    private void Add(RecipeUser user)
    {
        var isNew = _passwd.Find(user.Name) is null;
        if (isNew && !Create(user)) return;
        if (!isNew && user.Uid is { } uid && _passwd.Field(user.Name, UidField) != $"{uid}")
            _problems.Add(user.Line, $"user {user.Name} has the uid {_passwd.Field(user.Name, UidField)} in the root filesystem; leave uid out");
        if (user.Home is { } home) _passwd.SetField(user.Name, HomeField, home.ToString());
        if (user.Shell is { } shell) _passwd.SetField(user.Name, ShellField, shell);
        CheckShell(user);
        AddToGroups(user);

        if (user.Password is not null || user.PasswordHash is not null || isNew || user.Name == "root")
            SetPassword(user.Name, user.PasswordHash ?? (user.Password is { } password ? HashOf(user, password) : NoPassword));
        MakeHome(user, isNew);
    }

    private bool Create(RecipeUser user)
    {
        var uid = user.Uid ?? (user.Name == "root" ? 0 : FreeId(_passwd, UidField));
        if (_passwd.Ids(UidField).FirstOrDefault(other => other.Id == uid) is { Name: { } owner })
        {
            _problems.Add(user.Line, $"uid {uid} of user {user.Name} is {owner}'s in the root filesystem; expected another number, or none for the next free one");
            return false;
        }
        if (_group.Find(user.Name) is null)
        {
            var free = _group.Ids(GroupIdField).Any(other => other.Id == uid) ? FreeId(_group, GroupIdField) : uid;
            _group.Add(user.Name, "x", $"{free}", "");
            if (_gshadow.Exists) _gshadow.Add(user.Name, "!", "", "");
        }
        var home = user.Home?.ToString() ?? (user.Name == "root" ? "/root" : $"/home/{user.Name}");
        var shell = user.Shell ?? (_tree.Resolve("bin/bash") is null ? "/bin/sh" : "/bin/bash");
        _passwd.Add(user.Name, "x", $"{uid}", _group.Field(user.Name, GroupIdField)!, "", home, shell);
        return true;
    }

    private void CheckShell(RecipeUser user)
    {
        if (user.Shell is { } shell && _tree.Resolve(shell) is null)
            _problems.Warn(user.Line, $"the shell {shell} of user {user.Name} is not in the root filesystem: {user.Name} cannot log in");
    }

    private void AddToGroups(RecipeUser user)
    {
        foreach (var group in user.Groups)
        {
            if (_group.Find(group) is null)
                _problems.Add(user.Line, $"group {group} of user {user.Name} is not in the root filesystem; add the package that makes it, or leave it out");
            _group.AddMember(group, MembersField, user.Name);
            _gshadow.AddMember(group, MembersField, user.Name);
        }
    }

    private void SetPassword(string name, string hash)
    {
        if (_passwd.Exists && !_shadow.Exists && _passwd.Field(name, PasswordField) != "x")
        {
            _passwd.SetField(name, PasswordField, hash);    // a system without shadow passwords
            return;
        }
        _passwd.SetField(name, PasswordField, "x");
        if (_shadow.Find(name) is null) _shadow.Add(name, hash, $"{_epoch / 86400}", "0", "99999", "7", "", "", "");
        else _shadow.SetField(name, PasswordField, hash);
    }

    /// <summary>The salt must not be made of the password: it would be a fast hash of it, beside the slow one.</summary>
    private string HashOf(RecipeUser user, string password)
    {
        if (password.Length == 0) return "";
        var seed = SHA256.HashData(Encoding.UTF8.GetBytes($"firn password salt\0{_recipe.Name}\0{user.Name}"));
        try
        {
            return PasswordHash.Sha512(password, seed);
        }
        catch (DllNotFoundException)
        {
            throw new ToolException($"{_recipe.FileName}:{user.Line}: hashing a password needs libcrypt.so.1; install the package libcrypt1, or give password-hash");
        }
    }

    private void MakeHome(RecipeUser user, bool isNew)
    {
        if (_passwd.Find(user.Name) is not { Length: > HomeField } row) return;
        var (uid, gid) = (Id(row[UidField]), Id(row[GidField]));
        var path = user.Home?.Relative ?? row[HomeField].Trim('/');
        if (path.Length == 0 || path.Split('/').Contains(".."))
        {
            if (!user.SshKeys.IsEmpty) _problems.Add(user.Line, $"the home of {user.Name}, '{row[HomeField]}', cannot hold SSH keys; give another one as home");
            return;
        }
        var isMissing = _tree.Resolve(path) is null;
        if (isMissing && !isNew && user.SshKeys.IsEmpty) return;    // the source has its reasons

        var home = TreeEdit.Directory(_tree, path, _epoch);
        if (isMissing)
        {
            (home.Mode, home.Uid, home.Gid) = (0x1c0, uid, gid);
            if (_tree.Resolve("etc/skel") is { IsDirectory: true } skeleton) CopyBelow(skeleton, home, uid, gid);
        }
        if (!user.SshKeys.IsEmpty) AddKeys(user, home, uid, gid);
    }

    private void AddKeys(RecipeUser user, FileNode home, uint uid, uint gid)
    {
        if (!home.Children.TryGetValue(".ssh", out var directory) || !directory.IsDirectory)
            home.Children[".ssh"] = directory = new(FileKind.Directory);
        (directory.Mode, directory.Uid, directory.Gid, directory.ModifiedSeconds) = (0x1c0, uid, gid, _epoch);
        var known = directory.Children.GetValueOrDefault("authorized_keys") is { Kind: FileKind.File } file
            ? Encoding.UTF8.GetString(file.Content.ReadAll(1 << 20)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : [];
        directory.Children["authorized_keys"] = new(FileKind.File)
        {
            Content = FileContent.Of(string.Concat(known.Union(user.SshKeys).Select(key => key + "\n"))),
            Mode = 0x180,
            Uid = uid,
            Gid = gid,
            ModifiedSeconds = _epoch,
        };
    }

    private void CopyBelow(FileNode from, FileNode to, uint uid, uint gid)
    {
        foreach (var (name, node) in from.Children)
        {
            var copy = new FileNode(node.Kind)
            {
                Mode = node.Mode,
                Uid = uid,
                Gid = gid,
                ModifiedSeconds = _epoch,
                Content = node.Content,
                LinkTarget = node.LinkTarget,
            };
            if (node.Kind is not (FileKind.File or FileKind.Directory or FileKind.Symlink)) continue;
            to.Children[name] = copy;
            CopyBelow(node, copy, uid, gid);
        }
    }

    private void Write()
    {
        var shadowGroup = uint.TryParse(_group.Field("shadow", GroupIdField), out var gid) ? gid : 0;
        _passwd.WriteTo(_tree, 0x1a4, 0, _epoch);
        _group.WriteTo(_tree, 0x1a4, 0, _epoch);
        _shadow.WriteTo(_tree, 0x1a0, shadowGroup, _epoch);
        _gshadow.WriteTo(_tree, 0x1a0, shadowGroup, _epoch);
    }

    private static uint FreeId(AccountTable table, int field)
    {
        var taken = table.Ids(field).Select(other => other.Id).ToHashSet();
        for (var id = FirstFreeId; id <= LastFreeId; id++)
            if (!taken.Contains(id)) return id;
        throw new InvalidDataException($"no number from {FirstFreeId} to {LastFreeId} is free in the root filesystem");
    }

    private static uint Id(string field) => uint.TryParse(field, out var id) ? id : 0;
}
