using System.CommandLine;
using System.Globalization;
using Firn.Cli.Commands.Boot;
using Firn.Cli.Rendering;
using Firn.Machine.Updates;
using Firn.Trust.Client;
using Firn.Trust.Releases;

namespace Firn.Cli.Commands.Update;

internal static class UpdateCheckCommand
{
    public static Command Create(Wiring wiring)
    {
        var explain = new Option<bool>("--explain") { Description = "Say of every release of the channel why or why not" };
        var ignoreWaves = IgnoreWaves();
        var json = BootCommands.Json();
        var command = new Command(
            "check", $"Ask the repository for a newer release (exit code {ExitCode.NothingToInstall}: there is none to install now)")
        {
            explain, ignoreWaves, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var offer = await wiring.RepositoryUpdates.CheckAsync(
                null, RefreshOptions.Default, Policy(parsed.GetValue(ignoreWaves)), cancellation);
            Warn(parsed.InvocationConfiguration.Error, offer.Check);
            Result.Print(
                parsed.InvocationConfiguration.Output, offer.Check, parsed.GetValue(json), ResultJson.Default.UpdateCheck,
                parsed.GetValue(explain) ? LinesWithReasons : Lines);
            return offer.Check.Available is null ? ExitCode.NothingToInstall : 0;
        });
        return command;
    }

    public static Option<bool> IgnoreWaves() => new("--ignore-waves") { Description = "Do not wait for this machine's turn" };

    public static WavePolicy Policy(bool ignoreWaves) => ignoreWaves ? WavePolicy.Ignore : WavePolicy.Wait;

    public static void Warn(TextWriter error, UpdateCheck check)
    {
        foreach (var problem in check.Problems) error.WriteLine($"warning: {problem}");
    }

    public static IEnumerable<string> Lines(UpdateCheck check)
    {
        if (check.RunningRevoked is { } why) yield return $"{check.Running} runs and was revoked: {why}";
        yield return check switch
        {
            { Available: { } version } => $"{version} can be installed; {check.Running} runs",
            { NextTurn: { } turn } => string.Create(
                CultureInfo.InvariantCulture,
                $"nothing to install now: this machine's turn comes on {turn.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z; {check.Running} runs"),
            _ => $"nothing to install: {check.Running} runs, and {check.Channel} has nothing newer for this machine",
        };
    }

    public static IEnumerable<string> LinesWithReasons(UpdateCheck check) => Lines(check).Concat(check.Releases.SelectMany(Explain));

    private static IEnumerable<string> Explain(ReleaseJudgement judgement)
    {
        yield return $"  {judgement.Version} {(judgement.Verdict == ReleaseVerdict.Takes ? "yes" : "no")}: {judgement.Reason}";
        if (judgement.Notes is { } notes) yield return $"    {notes.ReplaceLineEndings("\n    ")}";
    }
}
