using System.Collections.Immutable;

namespace Firn.Images.Recipes;

/// <summary>Collects what is wrong, so that a person hears of everything at once.</summary>
internal sealed class RecipeProblems(string fileName)
{
    private readonly List<RecipeProblem> _problems = [];
    private readonly List<RecipeProblem> _warnings = [];

    public bool IsEmpty => _problems.Count == 0;
    public ImmutableArray<RecipeProblem> Warnings => [.. _warnings.OrderBy(warning => warning.Line)];

    public void Add(int line, string message) => _problems.Add(new(fileName, line, message));
    public void Warn(int line, string message) => _warnings.Add(new(fileName, line, message));

    public RecipeException ToException() => new([.. _problems.OrderBy(problem => problem.Line)]);
}
