using System.Text;
using Firn.Formats.Trees;
using Firn.Images.Content;
using Firn.Images.Recipes;
using Firn.Tests.Formats;

namespace Firn.Tests.Images.Content;

public sealed class UserAccountsTests
{
    private const long Epoch = 1767225600;
    private const string Key = "ssh-ed25519 AAAAC3Nza someone";

    [Fact]
    public void A_new_user_gets_everything_a_user_has()
    {
        var tree = Tree();

        Apply(tree, $"[{{ name: app, password: secret, ssh-keys: ['{Key}'], groups: [sudo] }}]");

        Assert.Contains("\napp:x:1001:1001::/home/app:/bin/bash\n", Text(tree, "etc/passwd"));
        Assert.Contains("\napp:x:1001:\n", Text(tree, "etc/group"));
        Assert.Contains("\nsudo:x:27:old,app\n", Text(tree, "etc/group"));
        Assert.Contains("\nsudo:*::old,app\n", Text(tree, "etc/gshadow"));
        Assert.Contains("\napp:!::\n", Text(tree, "etc/gshadow"));
        var shadow = Text(tree, "etc/shadow").Split('\n').Single(line => line.StartsWith("app:", StringComparison.Ordinal)).Split(':');
        Assert.Equal(["20454", "0", "99999", "7", "", "", ""], shadow[2..]);
        Assert.Equal(shadow[1], ForeignTool.Run("openssl", "passwd", "-6", "-salt", shadow[1].Split('$')[2], "secret").Trim());

        Assert.Equal((0x1c0u, 1001u, 1001u), Owner(tree.Find("home/app")!));
        Assert.Equal((0x1a4u, 1001u, 1001u), Owner(tree.Find("home/app/.profile")!));
        Assert.Equal((0x1c0u, 1001u, 1001u), Owner(tree.Find("home/app/.ssh")!));
        Assert.Equal((0x180u, 1001u, 1001u), Owner(tree.Find("home/app/.ssh/authorized_keys")!));
        Assert.Equal(Key + "\n", Text(tree, "home/app/.ssh/authorized_keys"));
    }

    [Fact]
    public void A_user_without_a_password_cannot_log_in_with_one()
    {
        var tree = Tree();

        Apply(tree, $"[{{ name: app, ssh-keys: ['{Key}'] }}]");

        Assert.Contains("\napp:*:20454:", Text(tree, "etc/shadow"));    // not '!', which sshd takes for a locked account
    }

    [Fact]
    public void A_user_of_the_source_is_changed_and_what_nobody_mentions_stays()
    {
        var tree = Tree();

        Apply(tree, "[{ name: old, password-hash: '$6$s$h', shell: /bin/sh }, { name: www-data, ssh-keys: ['" + Key + "'] }]");

        Assert.Contains("\nold:x:1000:1000:Old \u00c3\u00bc:/home/old:/bin/sh\n", Text(tree, "etc/passwd"));
        Assert.Contains("\nold:$6$s$h:1:0:99999:7:::\n", Text(tree, "etc/shadow"));
        Assert.Contains("\nwww-data:*:1:", Text(tree, "etc/shadow"));
        Assert.Equal(33u, tree.Find("var/www/.ssh/authorized_keys")!.Uid);
    }

    [Theory]
    [InlineData("root:$6$known$hash:1:0:99999:7:::", 1)]
    [InlineData("root::1:0:99999:7:::", 1)]
    [InlineData("root:*:1:0:99999:7:::", 0)]
    [InlineData("root:!$6$known$hash:1:0:99999:7:::", 0)]
    public void The_password_root_had_in_the_source_is_not_taken_over(string line, int warnings)
    {
        var tree = Tree(line);

        Assert.Equal(warnings, Apply(tree, "[]").Warnings.Length);

        Assert.StartsWith("root:*:1:", Text(tree, "etc/shadow"));
    }

    [Fact]
    public void A_password_in_passwd_itself_moves_to_shadow()
    {
        var tree = Tree();
        TreeEdit.PutFile(tree, "etc/passwd", "root::0:0:root:/root:/bin/sh\n", 0);

        Apply(tree, "[]");

        Assert.Equal("root:x:0:0:root:/root:/bin/sh\n", Text(tree, "etc/passwd"));
        Assert.StartsWith("root:*:", Text(tree, "etc/shadow"));
    }

    [Fact]
    public void Root_has_the_password_the_recipe_says()
    {
        var tree = Tree();

        Apply(tree, "[{ name: root, password: '' }]");

        Assert.StartsWith("root::1:", Text(tree, "etc/shadow"));
    }

    [Fact]
    public void A_tree_without_accounts_gets_them()
    {
        var tree = new FileTree();

        Apply(tree, "[{ name: root, password-hash: '*' }, { name: app, uid: 2000 }]");

        Assert.Equal("root:x:0:0::/root:/bin/sh\napp:x:2000:2000::/home/app:/bin/sh\n", Text(tree, "etc/passwd"));
        Assert.Equal((0x1a0u, 0u, 0u), Owner(tree.Find("etc/shadow")!));
    }

    [Fact]
    public void A_home_beyond_a_link_is_made_where_the_link_leads()
    {
        var tree = Tree();
        tree.Remove("home");
        tree.Directory("var/home");
        tree.Put("home", new(FileKind.Symlink) { LinkTarget = "/var/home" });

        Apply(tree, "[{ name: app, uid: 1500 }]");

        Assert.Equal(1500u, tree.Find("var/home/app")!.Uid);
    }

    [Fact]
    public void What_does_not_fit_the_source_is_reported_all_at_once_with_lines()
    {
        var tree = Tree();

        var problems = Apply(tree, "\n  - { name: a, uid: 33 }\n  - { name: b, groups: [dokcer] }\n  - { name: old, uid: 5 }");

        Assert.Equal(
        [
            "r.yaml:5: uid 33 of user a is www-data's in the root filesystem; expected another number, or none for the next free one",
            "r.yaml:6: group dokcer of user b is not in the root filesystem; add the package that makes it, or leave it out",
            "r.yaml:7: user old has the uid 1000 in the root filesystem; leave uid out",
        ], problems.ToException().Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void Keys_without_a_home_are_a_problem()
    {
        var tree = Tree();
        TreeEdit.PutFile(tree, "etc/passwd", "www-data:x:33:33::/:/usr/sbin/nologin\n", 0);

        var problems = Apply(tree, $"[{{ name: www-data, ssh-keys: ['{Key}'] }}]");

        Assert.Contains("cannot hold SSH keys", Assert.Single(problems.ToException().Problems).Message);
    }

    [Fact]
    public void A_shell_that_is_not_there_is_worth_a_warning()
    {
        var problems = Apply(Tree(), "[{ name: app, shell: /bin/fish }]");

        Assert.Contains("/bin/fish", Assert.Single(problems.Warnings).Message);
    }

    private static RecipeProblems Apply(FileTree tree, string users)
    {
        var recipe = RecipeReader.Read($"name: box\nversion: 1\nsource: {{ directory: . }}\nusers: {users}\n", "r.yaml", "/usr");
        var problems = new RecipeProblems("r.yaml");
        UserAccounts.Apply(tree, recipe, Epoch, problems);
        return problems;
    }

    private static FileTree Tree(string rootShadow = "root:*:1:0:99999:7:::")
    {
        var tree = new FileTree();
        TreeEdit.PutFile(tree, "etc/passwd", "root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33::/var/www:/usr/sbin/nologin\nold:x:1000:1000:Old ü:/home/old:/bin/bash\n", 0);
        TreeEdit.PutFile(tree, "etc/group", "root:x:0:\nsudo:x:27:old\nshadow:x:42:\nwww-data:x:33:\nold:x:1000:\n", 0);
        TreeEdit.PutFile(tree, "etc/shadow", $"{rootShadow}\nwww-data:*:1:0:99999:7:::\nold:!:1:0:99999:7:::\n", 0, 0x1a0);
        TreeEdit.PutFile(tree, "etc/gshadow", "root:*::\nsudo:*::old\n", 0, 0x1a0);
        TreeEdit.PutFile(tree, "etc/skel/.profile", "# profile\n", 0);
        TreeEdit.PutFile(tree, "bin/bash", "", 0, 0x1ed);
        tree.Directory("home/old");
        return tree;
    }

    private static string Text(FileTree tree, string path) => Encoding.Latin1.GetString(tree.Find(path)!.Content.ReadAll());
    private static (uint, uint, uint) Owner(FileNode node) => (node.Mode, node.Uid, node.Gid);
}
