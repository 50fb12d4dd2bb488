using System.Text.RegularExpressions;
using Firn.Supervision.Units;

namespace Firn.Dispatch.Imports;

/// <summary>
/// <c>NAME: COMMAND</c>, a line for each process, the command one of the shell; what foreman(1) gives them beside it: the
/// directory of the file, the variables of <c>.env</c> there, a <c>PORT</c> of its own for each, and <c>PS</c>.
/// </summary>
internal static partial class Procfile
{
    private const int FirstPort = 5000, PortsOfProcess = 100;

    /// <param name="directory">Where the file is.</param>
    public static List<ImportedUnit> Convert(string text, string directory)
    {
        var units = new List<ImportedUnit>();
        var settings = $"{directory}/.env";
        var port = File.Exists(settings) && Port().Match(File.ReadAllText(settings)) is { Success: true } set ? int.Parse(set.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) : FirstPort;
        foreach (Match line in Line().Matches(text.Replace("\r\n", "\n")))
        {
            var (name, command) = (line.Groups[1].Value, line.Groups[2].Value.Trim());
            var unit = new UnitProperties();
            // a shell that runs one program and has nothing to do after it gives way to it
            unit.Set("exec.run", ImportedUnit.Literal(CommandWords.Join(["/bin/sh", "-c", Simple().IsMatch(command) ? $"exec {command}" : command])));
            unit.Set("directory", directory);
            if (File.Exists(settings)) unit.Set("environmentFile", settings);
            unit.Set("environment.PORT", $"{port + (PortsOfProcess * units.Count)}");
            unit.Set("environment.PS", $"{name}.1");
            unit.Set("restart", "always");
            units.Add(new(name, unit, []));
        }
        return units;
    }

    [GeneratedRegex(@"^([A-Za-z0-9_-]+):[ \t]*(\S.*)$", RegexOptions.Multiline)]
    private static partial Regex Line();

    /// <summary>No word but a program and what it is given: no variable before it, no second command, no word of the shell's own.</summary>
    [GeneratedRegex(@"^(?!(?:exec|cd|if|for|while|until|case|test|trap|set|export|eval|umask|ulimit|source)\s)[A-Za-z0-9_./-]+(?:\s[^;&|<>()`\n]*)?$")]
    private static partial Regex Simple();

    [GeneratedRegex(@"^PORT=[""']?(\d{1,5})[""']?\s*$", RegexOptions.Multiline)]
    private static partial Regex Port();
}
