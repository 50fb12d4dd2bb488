using System.CommandLine;
using Firn.Cli.Commands.Boot;
using Firn.Cli.Rendering;
using Firn.Machine.Updates;

namespace Firn.Cli.Commands.Update;

internal static class UpdatePlanCommand
{
    public static Command Create(Wiring wiring)
    {
        var source = new ReleaseOptions();
        var disk = BootCommands.Disk();
        var json = BootCommands.Json();
        var command = new Command("plan", "Tell what an install would fetch, from where, and how long that takes; change nothing")
        {
            source.Source, source.Unsigned, source.Offline, source.IgnoreWaves, disk, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var (image, output, isJson) = (parsed.GetValue(disk)?.FullName, parsed.InvocationConfiguration.Output, parsed.GetValue(json));
            return source.WithReleaseAsync(wiring, parsed, image, isJson, async release =>
            {
                UpdatePlan plan;
                using (var line = ProgressLine.OnStandardError())
                    plan = await wiring.UpdateInstaller(image).PlanAsync(release, new InstallProgressLine(line, null), cancellation);
                Result.Print(output, plan, isJson, ResultJson.Default.UpdatePlan, Lines);
            }, cancellation);
        });
        return command;
    }

    private static IEnumerable<string> Lines(UpdatePlan plan)
    {
        yield return $"{plan.Name} {plan.Version} from {plan.Source}";
        foreach (var image in new[] { plan.Root, plan.Boot })
            yield return $"  {image.File}: {Amount.OfBytes(image.SourceBytes)} of {Amount.OfBytes(image.SizeBytes)} to fetch, "
                + $"{Amount.OfBytes(image.SlotBytes)} from this machine's slots, {Amount.OfBytes(image.PatchedBytes)} patched, {Amount.OfBytes(image.KeptBytes)} are there";
        yield return $"{Amount.OfBytes(plan.SourceBytes)} in {plan.Requests} requests"
            + (plan.Seconds is { } seconds ? $", about {Amount.OfTime(TimeSpan.FromSeconds(seconds))} at the last known rate" : "");
    }
}
