using System.CommandLine;
using Firn.Cli.Commands.Repo;
using Firn.Publishing.Roles;

namespace Firn.Cli.Commands.Key;

internal static class KeyRotateCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var role = new Argument<string>("role") { Description = "root, targets, snapshot, timestamp, or a channel" };
        var old = new Argument<string>("old") { Description = "The key to replace: its file, or the beginning of its id" };
        var fresh = new Argument<FileInfo>("new") { Description = "The key to put in its place: NAME.pub or NAME.key" };
        var command = new Command("rotate", "Give a role a new key in the place of an old one; staged until it is published") { role, old, fresh };
        options.AddTo(command);
        command.SetAction(parsed => options.Edit(parsed, (draft, _) => KeyRoles.Change(
            draft, parsed.GetValue(role)!, [RepoCommands.PublicKeyOf(parsed.GetValue(fresh)!.FullName)], [IdOf(parsed.GetValue(old)!)], threshold: null)));
        return command;
    }

    private static string IdOf(string text) => File.Exists(text) ? RepoCommands.PublicKeyOf(text).Id : text;
}
