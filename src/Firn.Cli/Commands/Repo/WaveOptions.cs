using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Firn.Formats.Agents;
using Firn.Trust.Releases;

namespace Firn.Cli.Commands.Repo;

/// <summary>How fast a release spreads, as an operator types it: <c>--wave 5%/12h --wave 100%/2d</c>.</summary>
internal sealed class WaveOptions
{
    private readonly Option<string[]> _waves = new("--wave")
    {
        Description = "So much of the fleet within a time, after the wave before it, e.g. 5%/12h; can be given several times (default: everybody at once)",
        HelpName = "SHARE/TIME",
    };

    private readonly Option<DateTimeOffset?> _start = new("--start")
    {
        Description = "When the first wave begins, e.g. 2027-03-01T08:00:00Z (default: now)",
        HelpName = "TIME",
        CustomParser = result =>
        {
            if (DateTimeOffset.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return time;
            result.AddError($"--start: '{result.Tokens[0].Value}' is no time; expected one like 2027-03-01T08:00:00Z");
            return null;
        },
    };

    public WaveOptions() => _waves.Validators.Add(result =>
    {
        var before = 0;
        foreach (var token in result.Tokens)
        {
            if (Parse(token.Value) is not { } wave) result.AddError($"--wave: '{token.Value}' is wrong; expected a share and a time, such as 5%/12h");
            else if (wave.Permille <= before) result.AddError($"--wave: {token.Value} reaches no further than the wave before it");
            else before = wave.Permille;
        }
    });

    public void AddTo(Command command)
    {
        command.Add(_waves);
        command.Add(_start);
    }

    public bool AreGiven(ParseResult parsed) => parsed.GetValue(_waves) is { Length: > 0 };

    /// <returns>Null for everybody at once.</returns>
    /// <param name="id">Decides which machines go first.</param>
    public Rollout? Read(ParseResult parsed, string id, DateTimeOffset now)
    {
        if (!AreGiven(parsed)) return null;
        var from = (parsed.GetValue(_start) ?? now).ToUniversalTime();
        from = new(from.Ticks - (from.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        var waves = ImmutableArray.CreateBuilder<RolloutWave>();
        foreach (var text in parsed.GetValue(_waves)!)
        {
            var (permille, time) = Parse(text)!.Value;
            waves.Add(new(from, from + time, permille));
            from += time;
        }
        return new(id, waves.ToImmutable());
    }

    private static (int Permille, TimeSpan Time)? Parse(string text) =>
        text.Split('/') is [var share, var time] && share.EndsWith('%')
        && decimal.TryParse(share[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
        && percent * 10 is >= 1 and <= 1000 && decimal.Truncate(percent * 10) == percent * 10 && Duration.TryParse(time, out var duration)
            ? ((int)(percent * 10), duration)
            : null;
}
