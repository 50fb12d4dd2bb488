using System.CommandLine;
using Firn.Publishing.Roles;
using Firn.Trust.Metadata;

namespace Firn.Cli.Commands.Repo;

internal static class RepoRootRotateCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var role = new Option<string>("--role") { Description = "Whose keys change: root, targets, snapshot or timestamp", DefaultValueFactory = _ => RoleNames.Root };
        role.AcceptOnlyFromAmong(RoleNames.Root, RoleNames.Targets, RoleNames.Snapshot, RoleNames.Timestamp);
        var add = new Option<FileInfo[]>("--add") { Description = "A key to add, NAME.pub or NAME.key; can be given several times", HelpName = "FILE" };
        var remove = new Option<string[]>("--remove") { Description = "A key to remove, by the beginning of its id; can be given several times", HelpName = "ID" };
        var threshold = new Option<int?>("--threshold") { Description = "How many keys must sign from now on", HelpName = "N", CustomParser = WholeNumber.ParsePositiveIfGiven };
        var command = new Command("rotate", "Make a new root: other keys, another threshold, or only a later expiry; the old keys and the new ones must sign it")
        {
            role, add, remove, threshold,
        };
        options.AddTo(command);
        command.SetAction(parsed => options.Edit(parsed, (draft, _) => KeyRoles.Change(
            draft, parsed.GetValue(role)!, [.. (parsed.GetValue(add) ?? []).Select(file => RepoCommands.PublicKeyOf(file.FullName))],
            [.. parsed.GetValue(remove) ?? []], parsed.GetValue(threshold))));
        return command;
    }
}
