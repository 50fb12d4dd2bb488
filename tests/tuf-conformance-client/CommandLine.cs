using System.Collections.Immutable;

namespace Firn.Tests.Conformance;

/// <summary>What the suite asks for. Options come before the command.</summary>
internal sealed record CommandLine(
    string Command, string? TrustedRoot, string MetadataDirectory, Uri? MetadataAddress, Uri? TargetAddress,
    string? TargetDirectory, ImmutableArray<string> TargetNames)
{
    /// <exception cref="InvalidDataException">It asks for nothing that is known.</exception>
    public static CommandLine Parse(string[] arguments)
    {
        var values = new Dictionary<string, List<string>>();
        var words = new List<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal)) words.Add(arguments[i]);
            else if (i + 1 < arguments.Length) (values.TryGetValue(arguments[i], out var list) ? list : values[arguments[i]] = []).Add(arguments[++i]);
            else throw new InvalidDataException($"{arguments[i]} needs a value");
        }
        return new(
            words.FirstOrDefault() ?? throw new InvalidDataException("a command is missing: init, refresh or download"),
            words.ElementAtOrDefault(1), Value("--metadata-dir") ?? throw new InvalidDataException("--metadata-dir is missing"),
            Address("--metadata-url"), Address("--target-base-url"), Value("--target-dir"),
            [.. values.GetValueOrDefault("--target-name", [])]);

        string? Value(string name) => values.GetValueOrDefault(name)?[^1];
        Uri? Address(string name) => Value(name) is { } text ? new Uri(text) : null;
    }
}
