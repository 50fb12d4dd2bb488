using System.CommandLine;
using Firn.Cli.Rendering;
using Firn.Publishing.Destinations;
using Firn.Publishing.Drafts;

namespace Firn.Cli.Commands.Repo;

/// <param name="Written">Metadata files that are new in the repository itself.</param>
/// <param name="Copy">What was copied; null if it was not to be.</param>
internal sealed record PublishedResult(int Written, PublishResult? Copy);

internal static class RepoPublishCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var destination = new DestinationOptions(wiring);
        var place = new Argument<string?>("place")
        {
            Description = "Where machines fetch it: a directory or s3://BUCKET/PREFIX (default: as 'firn repo init --publish-to' said, else nowhere: the repository itself is served)",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("publish", "Make what is staged the repository, and copy it to where machines fetch it; timestamp last") { place };
        destination.AddTo(command);
        options.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var editor = options.Open(parsed);
            using var ring = options.Keys(parsed);
            using var there = destination.OpenIfAny(parsed, parsed.GetValue(place) ?? editor.Settings.PublishTo);
            // before anything is published here: what is refused later would be published here alone
            if (there is not null) await Publisher.RequireUnchangedAsync(editor.Files, there, cancellation);
            var written = editor.Publish(ring).Writes.Length;
            Print(parsed, options, new(written, await CopyAsync(parsed, editor, destination, there, cancellation)));
        });
        return command;
    }

    public static async Task<PublishResult?> CopyAsync(
        ParseResult parsed, RepositoryEditor editor, DestinationOptions destination, IPublishDestination? there, CancellationToken cancellation)
    {
        if (there is null) return null;
        using var line = ProgressLine.OnStandardError();
        return await Publisher.CopyAsync(editor.Draft.Published!, editor.Files, there, destination.Read(parsed), new CopyProgressLine(line), cancellation);
    }

    public static void Print(ParseResult parsed, RepoOptions options, PublishedResult result) =>
        Result.Print(parsed.InvocationConfiguration.Output, result, options.IsJson(parsed), RepoJson.Default.PublishedResult, Lines);

    private static IEnumerable<string> Lines(PublishedResult result)
    {
        if (result.Written > 0) yield return $"published: {result.Written} new metadata {(result.Written == 1 ? "file" : "files")}";
        else if (result.Copy is null) yield return "nothing new to publish";
        if (result.Copy is { } copy)
            yield return $"{copy.Destination}: {copy.Files} files, {Amount.OfBytes(copy.SizeBytes)} copied, {copy.Skipped} were there; timestamp {copy.TimestampVersion}";
    }
}

/// <summary>One line for all small files, and one for each large one.</summary>
internal sealed class CopyProgressLine(ProgressLine line) : IProgress<PublishProgress>
{
    private const long LargeBytes = 1 << 20;

    public void Report(PublishProgress value)
    {
        if (value.SizeBytes >= LargeBytes) line.Report(value.Path, 0, value.SizeBytes);
    }
}
