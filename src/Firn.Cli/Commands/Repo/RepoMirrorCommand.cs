using System.CommandLine;
using Firn.Cli.Rendering;
using Firn.Publishing.Destinations;

namespace Firn.Cli.Commands.Repo;

internal static class RepoMirrorCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var destination = new DestinationOptions(wiring);
        var from = new Argument<string>("from") { Description = "An http(s) URL or a directory" };
        var to = new Argument<string>("to") { Description = "A directory or s3://BUCKET/PREFIX" };
        var root = SourceOptions.Root();
        var command = new Command("mirror", "Copy a repository, believing nothing that is not signed; timestamp last") { from, to, root };
        destination.AddTo(command);
        options.AddWithoutKeysTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (files, owner) = SourceOptions.Open(parsed.GetValue(from)!, cancellation);
            using (owner)
            using (var there = destination.Open(parsed, parsed.GetValue(to)!))
            {
                using var line = ProgressLine.OnStandardError();
                var copy = await Mirror.RunAsync(
                    files, there, SourceOptions.Read(parsed.GetValue(root)), wiring.Clock.GetUtcNow(), destination.Read(parsed), new CopyProgressLine(line), cancellation);
                RepoPublishCommand.Print(parsed, options, new(0, copy));
            }
        });
        return command;
    }
}
