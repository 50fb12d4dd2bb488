using System.CommandLine;
using Firn.Publishing.Drafts;

namespace Firn.Cli.Commands.Repo;

internal static class RepoSignCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var from = new Option<FileInfo?>("--from")
        {
            Description = "First take over signatures that were made in another copy of the repository: its staged.json",
            HelpName = "FILE",
        };
        var command = new Command("sign", "Sign what is staged with the keys at hand") { from };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Error;
            using var editor = options.Open(parsed);
            using var ring = options.Keys(parsed);
            var draft = editor.Draft;
            if (parsed.GetValue(from) is { } other)
            {
                draft = draft.With(draft.Staged.WithSignaturesOf(StagedEdit.Read(File.ReadAllBytes(other.FullName), other.FullName), out var gained));
                foreach (var role in gained) output.WriteLine($"{role}: took over signatures");
            }
            foreach (var signature in editor.Stage(draft, ring)) output.WriteLine($"{signature.Role}: signed with {RepoCommands.Short(signature.KeyId)}");
            options.Print(parsed, editor, ring);
        });
        return command;
    }
}
