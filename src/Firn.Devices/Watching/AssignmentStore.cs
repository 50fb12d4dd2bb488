using System.Globalization;
using Firn.Devices.Actions;
using Firn.Devices.State;

namespace Firn.Devices.Watching;

/// <summary>
/// What runs for which device, a file for each unit, so that the next daemon knows and people can look: lines
/// <c>key=value</c>, an empty line, then the environment.
/// </summary>
public sealed class AssignmentStore(string stateDirectory)
{
    private readonly string _directory = Path.Combine(stateDirectory, "units");

    public void Save(Assignment assignment)
    {
        var started = assignment.Started;
        PrivateFile.Replace(Path.Combine(_directory, started.Unit),
            $"phase={assignment.Phase}\nproblem={assignment.Problem}\nrule={started.Rule}\ndevpath={started.DevPath}\nnode={started.Node}\n"
            + $"symlink={started.Symlink}\nstopDelay={started.StopDelay.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)}\n\n{started.Environment}");
    }

    public void Remove(string unit) => File.Delete(Path.Combine(_directory, unit));

    /// <summary>All that was saved. A file that is damaged is taken for a unit that is to be stopped.</summary>
    public IEnumerable<Assignment> Load()
    {
        if (!Directory.Exists(_directory)) yield break;
        foreach (var file in Directory.GetFiles(_directory).Order(StringComparer.Ordinal))
        {
            if (file.EndsWith(".new", StringComparison.Ordinal)) continue;
            string text;
            try
            {
                text = File.ReadAllText(file);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                continue;
            }
            yield return Parse(Path.GetFileName(file), text);
        }
    }

    private static Assignment Parse(string unit, string text)
    {
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        var values = new Dictionary<string, string>();
        foreach (var line in (end < 0 ? text : text[..end]).Split('\n'))
            if (line.IndexOf('=') is > 0 and var at) values[line[..at]] = line[(at + 1)..];
        var delay = double.TryParse(values.GetValueOrDefault("stopDelay"), CultureInfo.InvariantCulture, out var ms) && ms is >= 0 and < 1e8 ? ms : 0;
        var started = new ServiceTarget(
            unit, values.GetValueOrDefault("rule", ""), values.GetValueOrDefault("devpath", ""), end < 0 ? "" : text[(end + 2)..],
            TimeSpan.Zero, TimeSpan.FromMilliseconds(delay), Some("symlink"), Some("node"));
        return new(started, Enum.TryParse<AssignmentPhase>(values.GetValueOrDefault("phase"), out var phase) ? phase : AssignmentPhase.Recovered,
            Problem: values.GetValueOrDefault("problem", ""));

        string? Some(string key) => values.GetValueOrDefault(key) is { Length: > 0 } value ? value : null;
    }
}
