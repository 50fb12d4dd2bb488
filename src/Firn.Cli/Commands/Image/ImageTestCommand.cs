using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Firn.Images.Recipes;
using Firn.Images.Scenarios;
using Firn.Images.VirtualMachines;

namespace Firn.Cli.Commands.Image;

internal static class ImageTestCommand
{
    private const int Passed = 0, Failed = 1, UsageError = 2;

    public static Command Create()
    {
        var disk = MachineCommandOptions.Disk();
        var scenarios = new Argument<FileInfo[]>("scenario") { Description = "YAML files; docs/reference/scenario.md explains their keys", Arity = ArgumentArity.OneOrMore };
        var set = new Option<string[]>("--set") { Description = "Give a variable a value; can be given several times", HelpName = "NAME=VALUE" };
        set.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value.IndexOf('=') < 1))
                result.AddError($"'{token.Value}' is wrong; expected NAME=VALUE");
        });
        var report = new Option<FileInfo?>("--report") { Description = "Also write the result to a file, as JSON", HelpName = "FILE" };
        var log = new Option<FileInfo?>("--console-log") { Description = "Keep all that comes over the console", HelpName = "FILE" };
        var bios = new Option<bool>("--bios") { Description = "Boot with SeaBIOS, whatever the scenario says" };
        var efi = new Option<bool>("--efi") { Description = "Boot with EFI, whatever the scenario says" };
        var accelerator = MachineCommandOptions.Accelerator();
        var keepGoing = new Option<bool>("--keep-going") { Description = "Run the other scenarios when one has failed" };
        var stay = new Option<bool>("--stay") { Description = "Leave the machine running when it has passed, with its console here" };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var command = new Command("test", "Let a disk image live through scenarios in QEMU")
        {
            disk, scenarios, set, report, log, bios, efi, accelerator, keepGoing, stay, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(bios) && result.GetValue(efi)) result.AddError("--bios and --efi exclude each other");
        });
        command.SetAction(parsed =>
        {
            var options = new ScenarioOptions(parsed.GetValue(disk)!.FullName)
            {
                Firmware = parsed.GetValue(bios) ? FirmwareKind.Bios : parsed.GetValue(efi) ? FirmwareKind.Efi : null,
                Accelerator = parsed.GetValue(accelerator),
                Variables = (parsed.GetValue(set) ?? []).Select(pair => pair.Split('=', 2)).ToImmutableDictionary(pair => pair[0], pair => pair[1]),
                ConsoleLog = parsed.GetValue(log)?.FullName,
                WhenPassed = parsed.GetValue(stay) ? ConsoleHandover.Run : null,
            };
            return Run(options, parsed.GetValue(scenarios)!, parsed.GetValue(keepGoing), parsed.GetValue(report), parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(ScenarioOptions options, FileInfo[] files, bool keepsGoing, FileInfo? reportFile, bool asJson)
    {
        if (Check(ref options, files) is not { } scenarios) return UsageError;
        using var interruption = new Interruption();
        using var timeline = new ScenarioTimeline(asJson ? Console.Error : Console.Out, !(asJson ? Console.IsErrorRedirected : Console.IsOutputRedirected));
        var reports = ImmutableArray.CreateBuilder<ScenarioReport>();
        try
        {
            foreach (var scenario in scenarios)
            {
                reports.Add(RunOne(scenario, options, timeline, interruption.Token));
                if (!reports[^1].Passed && !keepsGoing) break;
            }
        }
        catch (OperationCanceledException)
        {
            timeline.Interrupted();
            return Interruption.ExitCode;
        }
        timeline.Summarize(reports, scenarios.Length);
        var text = JsonSerializer.Serialize(reports.ToImmutable(), ScenarioReportJson.Default.ImmutableArrayScenarioReport);
        if (reportFile is not null) File.WriteAllText(reportFile.FullName, text + "\n");
        if (asJson) Console.Out.WriteLine(text);
        return reports.All(report => report.Passed) ? Passed : Failed;
    }

    /// <summary>Everything that is wrong before a machine is switched on, all at once; null when something is.</summary>
    private static Scenario[]? Check(ref ScenarioOptions options, FileInfo[] files)
    {
        var scenarios = new List<Scenario>();
        var isRight = true;
        if (!File.Exists(options.Disk)) Complain($"{options.Disk}: no such file");
        var timeScale = Environment.GetEnvironmentVariable(TimeScale.Variable);
        if (TimeScale.Parse(timeScale) is { } scale) options = options with { TimeScale = scale };
        else Complain($"{TimeScale.Variable}: '{timeScale}' is wrong; expected a number from 0.1 to 1000");
        foreach (var file in files)
            try
            {
                scenarios.Add(ScenarioReader.Read(Path.GetRelativePath(Environment.CurrentDirectory, file.FullName), options.Variables.Keys));
            }
            catch (Exception error) when (error is RecipeException or IOException or UnauthorizedAccessException)
            {
                Complain(error.Message);
            }
        return isRight ? [.. scenarios] : null;

        void Complain(string message)
        {
            Console.Error.WriteLine(message);
            isRight = false;
        }
    }

    private static ScenarioReport RunOne(Scenario scenario, ScenarioOptions options, ScenarioTimeline timeline, CancellationToken cancellation)
    {
        var isKept = options.ConsoleLog is not null;
        var log = options.ConsoleLog ?? Path.Combine(Path.GetTempPath(), $"firn-console-{Guid.NewGuid():n}.log");
        timeline.Begin(scenario);
        try
        {
            var report = ScenarioRunner.Run(scenario, options with { ConsoleLog = log }, timeline, cancellation);
            if (report.Passed && !isKept) report = report with { ConsoleLog = null };
            isKept |= report.ConsoleLog is not null;
            timeline.End(report);
            return report;
        }
        finally
        {
            if (!isKept) File.Delete(log);
        }
    }
}
