using System.CommandLine;
using Firn.Publishing.Releases;

namespace Firn.Cli.Commands.Repo;

internal static class RepoRevokeCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var release = RepoCommands.Release();
        var reason = new Option<string>("--reason") { Description = "Why, for whoever looks at a machine that runs it", Required = true, HelpName = "TEXT" };
        var command = new Command("revoke", "Declare a release bad: nobody takes it any more; staged until it is published") { release, reason };
        options.AddTo(command);
        command.SetAction(parsed => options.Edit(parsed, (draft, _) => ReleaseEdits.Change(
            draft, ListedRelease.Find(draft, parsed.GetValue(release)!), terms => terms with { Revoked = parsed.GetValue(reason) })));
        return command;
    }
}
