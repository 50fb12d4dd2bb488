using System.Text;
using Firn.Images.Recipes;
using Firn.Tests.Formats;
using FsCheck;
using FsCheck.Fluent;

namespace Firn.Tests.Images.Recipes;

/// <summary>Whatever the text, reading ends in a recipe or in problems with lines.</summary>
public sealed class RecipeDamageTests
{
    private const string Valid = """
        name: edge-box
        version: 1.4.0
        source: { debian: { suite: bookworm, packages: [nano] } }
        files:
          - { path: /etc/motd, content: "hello\n", mode: "0600", owner: app }
          - path: /etc/text
            content: |
              several
              lines
        users: [{ name: app, password: "x", uid: 1500 }]
        kernel: { command-line: >- quiet }
        layout: { esp: 128M, root: auto }
        update: { tries: 5, deadline: 90s, watchdog: 2m }
        """;

    [Fact]
    public void Damaged_recipes_are_recipes_or_problems() =>
        Damage.IsSurvived(Encoding.Latin1.GetBytes(Valid.Replace(">- quiet", "quiet")), bytes => Read(Encoding.Latin1.GetString(bytes)));

    [Fact]
    public void Shuffled_pieces_of_YAML_are_recipes_or_problems()
    {
        var piece = Gen.Elements(
            "name", "version", "source", ": ", ":", "- ", "\n", "\n  ", "\n    ", "{", "}", "[", "]", ", ", "&a ", "*a", "!!str ", "!<x> ", "|\n", ">-\n",
            "\"", "'", "#", "%YAML 1.2\n", "---\n", "...\n", "? ", "\t", "\\x", "\\uD800", "~", "null", "debian", "<<: ", "\0", "\u0085", "\ufeff", "😀", "@", "`");
        var text = Gen.ListOf(piece).Select(pieces => string.Concat(pieces)).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithReplay(3, 1).WithMaxTest(3000).WithEndSize(60), Prop.ForAll(text, Read));
    }

    private static void Read(string text)
    {
        try
        {
            RecipeReader.Read(text, "r.yaml", "/usr");
        }
        catch (RecipeException error)
        {
            Assert.NotEmpty(error.Problems);
        }
    }
}
