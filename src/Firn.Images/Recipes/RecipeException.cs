using System.Collections.Immutable;

namespace Firn.Images.Recipes;

/// <summary>Something a person should change in a recipe.</summary>
/// <param name="Line">From 1 on; 0 when it is about the file as a whole.</param>
/// <param name="Message">What is wrong; what would be right.</param>
public sealed record RecipeProblem(string File, int Line, string Message)
{
    public override string ToString() => Line > 0 ? $"{File}:{Line}: {Message}" : $"{File}: {Message}";
}

/// <summary>The person's recipe is wrong: every problem of it, in the order of lines.</summary>
public sealed class RecipeException(ImmutableArray<RecipeProblem> problems) : Exception(string.Join('\n', problems))
{
    public RecipeException(RecipeProblem problem) : this([problem]) { }

    public ImmutableArray<RecipeProblem> Problems { get; } = problems;
}
