namespace Firn.Dispatch.Files;

/// <summary>Something a person should change in a unit.</summary>
/// <param name="Line">From 1 on; 0 when it is about the file as a whole.</param>
public sealed record UnitProblem(string File, int Line, string Message)
{
    public override string ToString() => Line > 0 ? $"{File}:{Line}: {Message}" : $"{File}: {Message}";
}

/// <summary>Units are wrong: every problem of them.</summary>
public sealed class UnitException(IReadOnlyList<UnitProblem> problems) : Exception(string.Join('\n', problems))
{
    public IReadOnlyList<UnitProblem> Problems { get; } = problems;
}
