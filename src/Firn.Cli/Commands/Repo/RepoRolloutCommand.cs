using System.CommandLine;
using Firn.Publishing.Releases;

namespace Firn.Cli.Commands.Repo;

internal static class RepoRolloutCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var release = RepoCommands.Release();
        var waves = new WaveOptions();
        var now = new Option<bool>("--now") { Description = "Everybody at once" };
        var command = new Command("rollout", "Change how fast a release spreads; staged until it is published") { release, now };
        waves.AddTo(command);
        options.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(now) == result.GetResult("--wave") is { Tokens.Count: > 0 }) result.AddError("expected either --wave or --now");
        });
        command.SetAction(parsed => options.Edit(parsed, (draft, _) => ReleaseEdits.Change(
            draft, ListedRelease.Find(draft, parsed.GetValue(release)!),
            // the same id: machines keep their places, and those that have had their turn keep it
            terms => terms with { Rollout = waves.Read(parsed, terms.Rollout?.Id ?? $"{parsed.GetValue(release)}", draft.Now) })));
        return command;
    }
}
