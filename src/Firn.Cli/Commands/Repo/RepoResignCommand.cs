using System.CommandLine;
using Firn.Publishing.Care;
using Firn.Publishing.Destinations;

namespace Firn.Cli.Commands.Repo;

internal static class RepoResignCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var destination = new DestinationOptions(wiring);
        var roles = new Argument<string[]>("role")
        {
            Description = "Stage these roles anew, for whoever must sign them (default: publish at once what is due and the keys at hand can sign, and timestamp)",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var timestampOnly = new Option<bool>("--timestamp-only") { Description = "Nothing but the timestamp: for cron" };
        var place = new Option<string?>("--publish-to") { Description = "Then copy it there: a directory or s3://BUCKET/PREFIX", HelpName = "PLACE" };
        var command = new Command("resign", "Sign anew, unchanged, what would expire") { roles, timestampOnly, place };
        destination.AddTo(command);
        options.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(roles) is { Length: > 0 } named)
            {
                options.Edit(parsed, (draft, _) => RepositoryRenewal.Stage(draft, named));
                return;
            }
            using var editor = options.Open(parsed);
            using var ring = options.Keys(parsed);
            using var there = destination.OpenIfAny(parsed, parsed.GetValue(place) ?? editor.Settings.PublishTo);
            if (there is not null) await Publisher.RequireUnchangedAsync(editor.Files, there, cancellation);
            var written = editor.Renew(ring, parsed.GetValue(timestampOnly)).Writes.Length;
            var copy = await RepoPublishCommand.CopyAsync(parsed, editor, destination, there, cancellation);
            RepoPublishCommand.Print(parsed, options, new(written, copy));
        });
        return command;
    }
}
