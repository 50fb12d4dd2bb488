using System.CommandLine;
using Firn.Publishing.Releases;

namespace Firn.Cli.Commands.Repo;

internal static class RepoRemoveCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var release = RepoCommands.Release();
        var command = new Command("remove", "Take a release out of its channel; staged until it is published") { release };
        options.AddTo(command);
        command.SetAction(parsed => options.Edit(parsed, (draft, _) => ReleaseEdits.Remove(
            draft, ListedRelease.Find(draft, parsed.GetValue(release)!))));
        return command;
    }
}
