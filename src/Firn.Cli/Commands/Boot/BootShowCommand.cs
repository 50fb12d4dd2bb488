using System.CommandLine;
using Firn.Cli.Rendering;
using Firn.Formats.Boot;
using Firn.Machine.Boot;

namespace Firn.Cli.Commands.Boot;

internal static class BootShowCommand
{
    public static Command Create(Wiring wiring)
    {
        var disk = BootCommands.Disk();
        var json = BootCommands.Json();
        var command = new Command("show", "Show which slot runs, which boots next, and what each holds") { disk, json };
        command.SetAction(parsed => Print(
            parsed, wiring.BootControl(parsed.GetValue(disk)?.FullName).Show(), parsed.GetValue(json)));
        return command;
    }

    /// <summary>Also the answer of the verbs that change the state: what it is now.</summary>
    public static void Print(ParseResult parsed, BootReport report, bool asJson) => Result.Print(
        parsed.InvocationConfiguration.Output, report, asJson, ResultJson.Default.BootReport, Lines);

    private static IEnumerable<string> Lines(BootReport report)
    {
        yield return $"disk       {report.Disk}";
        if (report.Running is { } running) yield return $"running    {running.Name()}{(report.IsTrialBoot ? ", on trial" : "")}";
        if (report.Verity is { } verity) yield return $"root image {DescribeVerity(verity)}";
        yield return $"confirmed  {report.Confirmed.Name()}";
        yield return $"trial      {DescribeTrial(report.Trial)}";
        yield return $"next boot  {report.Next.Name()}";
        foreach (var slot in report.Slots)
            yield return $"slot {slot.Slot.Name(),-6}{(slot.Release is { } release
                ? $"{release.Name} {release.Version} for {release.Hardware}, install {slot.Install}{(release.VerityRootHash is null ? "" : ", verity")}"
                : $"cannot boot: {slot.Problem}")}";
    }

    public static string DescribeVerity(RootVerity verity) => verity switch
    {
        RootVerity.Verified => "verified, every block when it is read",
        RootVerity.Corrupted => "DAMAGED: blocks were read that are not those that were built; install a version anew, or roll back (dmesg tells which)",
        _ => "verified, every block when it is read; whether all were right only root can ask",
    };

    public static string DescribeTrial(TrialReport? trial) => trial switch
    {
        null => "none",
        { CouldNotBeLoaded: true } => $"{trial.Slot.Name()}, failed: the boot loader could not load it",
        { HasFailed: true } => $"{trial.Slot.Name()}, failed: not confirmed by any of its boots",
        _ => $"{trial.Slot.Name()}, {trial.TriesLeft} {(trial.TriesLeft == 1 ? "try" : "tries")} left",
    };
}
