using System.CommandLine;
using Firn.Cli.Rendering;
using Firn.Publishing.Care;

namespace Firn.Cli.Commands.Repo;

internal static class RepoPullCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var destination = new DestinationOptions(wiring);
        var place = new Argument<string?>("place")
        {
            Description = "Where it is published: a directory, an http(s) URL or s3://BUCKET/PREFIX (default: as 'firn repo init --publish-to' said)",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var metadataOnly = new Option<bool>("--metadata-only") { Description = "Leave the files of releases where they are: publishing there does not need them here" };
        var theirs = new Option<bool>("--theirs") { Description = "Forget what is staged here, and what was published here only" };
        var command = new Command("pull", "Bring here what others have published from their copies, and put what is staged on top of it") { place, metadataOnly, theirs };
        destination.AddTo(command);
        options.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var editor = options.Open(parsed);
            using var ring = options.Keys(parsed);
            var from = parsed.GetValue(place) ?? editor.Settings.PublishTo
                ?? throw new InvalidDataException($"{editor.Files.Name}: nobody said where it is published; give a directory, an http(s) URL or s3://BUCKET/PREFIX");
            var (files, owner) = SourceOptions.Open(from, destination, parsed, cancellation);
            using (owner)
            using (var line = ProgressLine.OnStandardError())
            {
                var result = await RepositoryPull.RunAsync(
                    editor, files, ring, new(parsed.GetValue(metadataOnly), parsed.GetValue(theirs)), new CopyProgressLine(line), cancellation);
                Result.Print(
                    parsed.InvocationConfiguration.Output, result, options.IsJson(parsed), RepoJson.Default.PullResult,
                    pulled => Lines(pulled).Concat(RepoOptions.Lines(RepoOptions.StagedOf(editor, ring))));
            }
        });
        return command;
    }

    private static IEnumerable<string> Lines(PullResult result)
    {
        yield return result.IsNew
            ? $"{result.Source}: timestamp {result.TimestampVersion}, {result.Files} files, {Amount.OfBytes(result.SizeBytes)} copied"
            : $"{result.Source}: timestamp {result.TimestampVersion}, nothing that is not here already";
    }
}
