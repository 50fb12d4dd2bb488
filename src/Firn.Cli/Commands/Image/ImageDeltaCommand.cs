using System.CommandLine;
using Firn.Cli.Rendering;
using Firn.Images.Deltas;

namespace Firn.Cli.Commands.Image;

internal static class ImageDeltaCommand
{
    public static Command Create()
    {
        var old = new Argument<FileInfo>("old") { Description = "A root image" };
        var target = new Argument<FileInfo>("new") { Description = "A later one" };
        var output = new Option<FileInfo?>("--output", "-o") { Description = "Keep the pack in this file" };
        var threads = new Option<int>("--threads") { Description = "Threads that make the pack", DefaultValueFactory = _ => Environment.ProcessorCount };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var command = new Command("delta", "Tell what an update between two root images takes: makes patches, applies them, and compares") { old, target, output, threads, json };
        command.SetAction((parsed, cancellation) =>
        {
            using var progress = ProgressLine.OnStandardError();
            var (pack, report) = DeltaTrial.Run(
                parsed.GetValue(old)!.FullName, parsed.GetValue(target)!.FullName, parsed.GetValue(threads), new BuildProgressLine(progress), cancellation);
            progress.Dispose();
            if (parsed.GetValue(output) is { } file) File.WriteAllBytes(file.FullName, pack);
            Result.Print(parsed.InvocationConfiguration.Output, report, parsed.GetValue(json), ResultJson.Default.DeltaTrialReport, Lines);
            return Task.CompletedTask;
        });
        return command;
    }

    private static IEnumerable<string> Lines(DeltaTrialReport report)
    {
        yield return $"with patches: {Amount.OfBytes(report.PackBytes)} for {report.NewBlocks} blocks, of which {report.RefusedBlocks} could not be made; "
            + $"made in {Amount.OfTime(TimeSpan.FromSeconds(report.MakeSeconds))}, applied in {Amount.OfTime(TimeSpan.FromSeconds(report.ApplySeconds))}";
        yield return $"without: {Amount.OfBytes(report.BlocksBytes)} in {report.Ranges} ranges, and {Amount.OfBytes(report.IndexBytes)} of the index";
    }
}
