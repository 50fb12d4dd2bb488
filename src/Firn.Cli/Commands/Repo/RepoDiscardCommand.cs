using System.CommandLine;

namespace Firn.Cli.Commands.Repo;

internal static class RepoDiscardCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var command = new Command("discard", "Forget what is staged; what is published stays");
        options.AddWithoutKeysTo(command);
        command.SetAction(parsed =>
        {
            using var editor = options.Open(parsed);
            editor.Discard();
        });
        return command;
    }
}
