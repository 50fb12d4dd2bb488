using System.Text.RegularExpressions;
using Firn.Images.Recipes;

namespace Firn.Tests.Images.Recipes;

/// <summary>docs/reference/recipe.md is written by hand; this holds it to what the reader takes.</summary>
public sealed partial class RecipeReferenceTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs/reference/recipe.md"));

    [Fact]
    public void Its_example_is_a_recipe()
    {
        var recipe = RecipeReader.Read(Example().Match(Page).Groups[1].Value, "recipe.md", "/");

        Assert.Empty(recipe.Warnings);
    }

    [Theory]
    [InlineData("unheard-of: 1")]
    [InlineData("source: { unheard-of: 1 }")]
    [InlineData("source: { debian: { unheard-of: 1 } }")]
    [InlineData("users: [{ unheard-of: 1 }]")]
    [InlineData("files: [{ unheard-of: 1 }]")]
    [InlineData("kernel: { unheard-of: 1 }")]
    [InlineData("layout: { unheard-of: 1 }")]
    [InlineData("squashfs: { unheard-of: 1 }")]
    [InlineData("persistence: { unheard-of: 1 }")]
    [InlineData("update: { unheard-of: 1 }")]
    [InlineData("repository: { unheard-of: 1 }")]
    [InlineData("verity: { unheard-of: 1 }")]
    [InlineData("layout: { rescue: true }\nrescue: { unheard-of: 1 }")]
    [InlineData("containers: { unheard-of: 1 }")]
    [InlineData("devices: { unheard-of: 1 }")]
    [InlineData("services: { unheard-of: 1 }")]
    public void It_names_every_key(string recipe)
    {
        var problems = Assert.Throws<RecipeException>(() => RecipeReader.Read(recipe, "r.yaml", "/")).Problems;

        var message = problems.Single(problem => problem.Message.StartsWith("unknown key", StringComparison.Ordinal)).Message;
        var keys = message[(message.IndexOf("expected ", StringComparison.Ordinal) + 9)..].Split(", ");
        Assert.All(keys, key => Assert.Contains($"`{key}`", Page));
    }

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
