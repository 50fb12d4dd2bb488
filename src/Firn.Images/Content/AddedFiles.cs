using Firn.Formats.Trees;
using Firn.Images.Recipes;

namespace Firn.Images.Content;

/// <summary>
/// The files of a recipe in the tree. Their time is the epoch, their owner is root unless the recipe says otherwise, and
/// modes do not depend on the umask of who checked the sources out: 0755 for what its owner may execute and for
/// directories, 0644 for the rest.
/// </summary>
internal static class AddedFiles
{
    private const uint Executable = 0x1ed, Plain = 0x1a4, OwnerExecutes = 0x40;

    /// <param name="problems">What does not fit the root filesystem: an owner that is not there, a directory in the way.</param>
    public static void Apply(FileTree tree, Recipe recipe, long epoch, RecipeProblems problems)
    {
        var users = AccountTable.Read(tree, "etc/passwd");
        var groups = AccountTable.Read(tree, "etc/group");
        foreach (var file in recipe.Files)
        {
            if (Id(users, file.Owner) is not { } uid)
                problems.Add(file.Line, $"{file.Path}: owner {file.Owner} is not a user of the root filesystem; add it under users, or give a number");
            else if (Id(groups, file.Group) is not { } gid)
                problems.Add(file.Line, $"{file.Path}: group {file.Group} is not in the root filesystem; give another one, or a number");
            else
                Add(tree, file, uid, gid, epoch, problems);
        }
    }

    private static void Add(FileTree tree, RecipeFile file, uint uid, uint gid, long epoch, RecipeProblems problems)
    {
        var node = file.Origin switch
        {
            FileOrigin.Content content => new(FileKind.File) { Content = FileContent.Of(content.Text), Mode = file.Mode ?? Plain },
            FileOrigin.Link link => new(FileKind.Symlink) { LinkTarget = link.Target },
            FileOrigin.From from => FromHost(from.HostPath, file.Mode),
            _ => throw new InvalidOperationException(),
        };
        Own(node, uid, gid, epoch);
        try
        {
            var existing = TreeEdit.Find(tree, file.Path.Relative);
            if (node.IsDirectory && tree.Resolve(file.Path.Relative) is { IsDirectory: true } directory) Merge(node, directory);
            else if (existing is { IsDirectory: true }) problems.Add(file.Line, $"{file.Path} is a directory in the root filesystem; expected the path of a file in it");
            else TreeEdit.Put(tree, file.Path.Relative, node);
        }
        catch (InvalidDataException error)
        {
            problems.Add(file.Line, $"{error.Message}; expected a path whose directories are directories");
        }
    }

    /// <summary>A link is followed if it is what the recipe names; links in a directory stay links.</summary>
    private static FileNode FromHost(string path, uint? mode)
    {
        var node = Directory.Exists(path) ? DirectorySource.Load(path).Root : DirectorySource.LoadFile(Path.GetFullPath(path));
        SetModes(node);
        if (mode is not null) node.Mode = mode.Value;
        return node;
    }

    private static void SetModes(FileNode node)
    {
        if (node.Kind != FileKind.Symlink) node.Mode = node.IsDirectory || (node.Mode & OwnerExecutes) != 0 ? Executable : Plain;
        foreach (var child in node.Children.Values) SetModes(child);
    }

    private static void Own(FileNode node, uint uid, uint gid, long epoch)
    {
        (node.Uid, node.Gid, node.ModifiedSeconds, node.Attributes) = (uid, gid, epoch, []);
        foreach (var child in node.Children.Values) Own(child, uid, gid, epoch);
    }

    private static void Merge(FileNode from, FileNode into)
    {
        foreach (var (name, node) in from.Children)
            if (node.IsDirectory && into.Children.GetValueOrDefault(name) is { IsDirectory: true } both) Merge(node, both);
            else into.Children[name] = node;
    }

    private static uint? Id(AccountTable table, string nameOrId) =>
        ValueKinds.TryId(nameOrId, out var id) || uint.TryParse(table.Field(nameOrId, 2), out id) ? id : nameOrId == "root" ? 0 : null;
}
