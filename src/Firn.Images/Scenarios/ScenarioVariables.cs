using System.Text.RegularExpressions;

namespace Firn.Images.Scenarios;

/// <summary>
/// The variables of a scenario: <c>${name}</c> in a text stands for a value, <c>$${</c> for <c>${</c> itself.
/// </summary>
internal static partial class ScenarioVariables
{
    public static bool IsName(string text) => Name.IsMatch(text);

    /// <summary>The names that a text refers to.</summary>
    public static IEnumerable<string> ReferencesIn(string text) =>
        Reference.Matches(text).Where(match => match.Groups[1].Success).Select(match => match.Groups[1].Value);

    public static string Expand(string text, IReadOnlyDictionary<string, string> values) =>
        Reference.Replace(text, match => match.Groups[1].Success ? values[match.Groups[1].Value] : "${");

    /// <summary>As far as the values are known yet; for people.</summary>
    public static string ExpandKnown(string text, IReadOnlyDictionary<string, string> values) =>
        Reference.Replace(text, match => values.GetValueOrDefault(match.Groups[1].Value) ?? match.Value);

    /// <summary>A value in a pattern stands for itself, whatever characters it has.</summary>
    public static string ExpandPattern(string pattern, IReadOnlyDictionary<string, string> values) =>
        Reference.Replace(pattern, match => match.Groups[1].Success ? Regex.Escape(values[match.Groups[1].Value]) : "${");

    /// <summary>The pattern with something in place of each variable, to see whether it is one at all.</summary>
    public static string ExpandForCheck(string pattern) =>
        Reference.Replace(pattern, match => match.Groups[1].Success ? "x" : "${");

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex Name { get; }

    [GeneratedRegex(@"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}")]
    private static partial Regex Reference { get; }
}
