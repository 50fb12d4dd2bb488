using System.CommandLine;
using Firn.Cli.Rendering;
using Firn.Publishing.Care;
using Firn.Publishing.Destinations;
using Firn.Publishing.Drafts;

namespace Firn.Cli.Commands.Repo;

internal static class RepoPruneCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var destination = new DestinationOptions(wiring);
        var place = new Argument<string?>("place")
        {
            Description = "Where it was published to: a directory or s3://BUCKET/PREFIX (default: the repository itself)",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var keep = Number("--keep", "How many versions of the repository stay whole; what machines see now is one", PruneOptions.Default.Versions, least: 1);
        var days = Number(
            "--keep-days", "What machines saw within so many days stays, for they may be fetching it", (int)PruneOptions.Default.Age.TotalDays, least: 0);
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be removed, and remove nothing" };
        var command = new Command("prune", "Remove files that no version names any more which a machine may ask for") { place, keep, days, dryRun };
        destination.AddTo(command);
        options.AddWithoutKeysTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var editor = RepositoryEditor.IsAt(options.DirectoryOf(parsed)) || parsed.GetValue(place) is null ? options.Open(parsed) : null;
            using var there = parsed.GetValue(place) is { } target ? destination.Open(parsed, target) : new DirectoryDestination(editor!.Files, null);
            var result = await RepositoryPrune.RunAsync(
                there, editor?.Draft.Staged ?? StagedEdit.None, wiring.Clock.GetUtcNow(),
                new(parsed.GetValue(keep), TimeSpan.FromDays(parsed.GetValue(days))), parsed.GetValue(dryRun), cancellation);
            Result.Print(parsed.InvocationConfiguration.Output, result, options.IsJson(parsed), RepoJson.Default.PruneResult, Lines);
        });
        return command;
    }

    private static Option<int> Number(string name, string description, int usual, int least) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => usual,
        HelpName = "N",
        CustomParser = argument => WholeNumber.Parse(argument, number => number >= least, $"a number of at least {least}"),
    };

    private static IEnumerable<string> Lines(PruneResult result)
    {
        foreach (var path in result.Removed) yield return path;
        var amount = $"{result.Removed.Length} files, {Amount.OfBytes(result.SizeBytes)}";
        yield return result.IsDryRun
            ? $"{result.Name}: {amount} would be removed, {result.Kept} would stay"
            : $"{result.Name}: {amount} removed, {result.Kept} stay";
    }
}
