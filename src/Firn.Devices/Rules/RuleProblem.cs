namespace Firn.Devices.Rules;

/// <summary>Something a person should change in a file of rules.</summary>
/// <param name="Line">From 1 on; 0 when it is about the file as a whole.</param>
public sealed record RuleProblem(string File, int Line, string Message)
{
    public override string ToString() => Line > 0 ? $"{File}:{Line}: {Message}" : $"{File}: {Message}";
}

/// <summary>Files of rules are wrong: every problem of them.</summary>
public sealed class RuleException(IReadOnlyList<RuleProblem> problems) : IOException(string.Join('\n', problems))
{
    public IReadOnlyList<RuleProblem> Problems { get; } = problems;
}
