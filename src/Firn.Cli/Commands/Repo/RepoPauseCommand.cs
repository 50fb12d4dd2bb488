using System.CommandLine;
using Firn.Publishing.Releases;

namespace Firn.Cli.Commands.Repo;

internal static class RepoPauseCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var release = RepoCommands.Release();
        var command = new Command("pause", "Let no more machines take a release; staged until it is published") { release };
        options.AddTo(command);
        command.SetAction(parsed => options.Edit(parsed, (draft, _) => ReleaseEdits.Change(
            draft, ListedRelease.Find(draft, parsed.GetValue(release)!), terms => terms with { IsPaused = true })));
        return command;
    }
}
