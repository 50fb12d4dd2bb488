using Firn.Formats.Trees;
using Firn.Images.Recipes;

namespace Firn.Images.Content;

/// <summary>What a recipe changes in its source, but for commands, which run between the two halves.</summary>
internal static class RootCustomization
{
    /// <summary>Users, then files: an owner may be one of the recipe's own users, a command may need either.</summary>
    /// <exception cref="RecipeException">The recipe does not fit the root filesystem: all of it at once.</exception>
    public static void Apply(FileTree tree, Recipe recipe, long epoch, RecipeProblems problems)
    {
        UserAccounts.Apply(tree, recipe, epoch, problems);
        AddedFiles.Apply(tree, recipe, epoch, problems);
        if (!problems.IsEmpty) throw problems.ToException();
    }

    public static void Finish(FileTree tree, Recipe recipe, long epoch, RecipeProblems problems)
    {
        foreach (var path in recipe.Remove)
            if (!TreeEdit.Remove(tree, path.Relative)) problems.Warn(0, $"remove: {path} is not in the root filesystem");
        Pristine.Make(tree, recipe, epoch);
    }
}
