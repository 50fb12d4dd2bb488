using System.Diagnostics;
using Firn.Linux.Files;
using Firn.Linux.Processes;

namespace Firn.Machine.Updates;

/// <summary>
/// The machine's own checks: every executable of a directory, in order of names, must exit with 0. Names that start with
/// a dot or contain one (<c>.firn-new</c>, <c>.dpkg-old</c>, <c>.sh~</c>) are left out, as run-parts(8) does.
/// </summary>
/// <param name="directory">Where they are; it may be missing.</param>
/// <param name="checkLimit">The longest one of them may take.</param>
public sealed class DirectoryHealth(string directory, TimeSpan checkLimit) : IHealthCheck
{
    private const int ReportedLines = 5;
    private const int ReportedCharacters = 1000;
    private const uint AnyExecute = 0x49;    // 0111

    public string Name => directory;

    public HealthResult Run(TimeSpan limit)
    {
        var checks = Checks();
        if (checks.Count == 0) return new HealthResult.NotApplicable("no checks there");
        var spent = Stopwatch.StartNew();
        foreach (var check in checks)
        {
            var left = limit - spent.Elapsed;
            if (left <= TimeSpan.Zero) return new HealthResult.Unhealthy($"{check}: no time was left to run it");
            if (Problem(check, left < checkLimit ? left : checkLimit) is { } problem)
                return new HealthResult.Unhealthy($"{check} {problem}");
        }
        return new HealthResult.Healthy();
    }

    private List<string> Checks() => !Directory.Exists(directory) ? [] :
    [
        .. Directory.GetFiles(directory)
            .Where(file => !Path.GetFileName(file).Contains('.') && !file.EndsWith('~'))
            .Where(file => (RawFiles.Status(RawPath.From(file)).Mode & AnyExecute) != 0)
            .Order(StringComparer.Ordinal),
    ];

    private static string? Problem(string check, TimeSpan limit)
    {
        try
        {
            var result = ProgramRun.Run(check, [], limit);
            return result switch
            {
                { Succeeded: true } => null,
                { TimedOut: true } => $"did not end within {limit.TotalSeconds:0} s{Tail(result.Output)}",
                _ => $"ended with exit code {result.ExitCode}{Tail(result.Output)}",
            };
        }
        catch (FileNotFoundException error)
        {
            return error.Message;
        }
    }

    private static string Tail(string output)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var tail = string.Join('\n', lines.TakeLast(ReportedLines));
        if (tail.Length > ReportedCharacters) tail = tail[^ReportedCharacters..];
        return tail.Length == 0 ? "" : $": {tail}";
    }
}
