using System.CommandLine;
using Firn.Cli.Commands.Boot;
using Firn.Cli.Rendering;
using Firn.Settings.Etc;

namespace Firn.Cli.Commands.Etc;

internal static class EtcResetCommand
{
    public static Command Create(Wiring wiring)
    {
        var paths = new Argument<string[]>("path") { Description = "Files and directories below /etc, with all in them", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "All of /etc but what the recipe keeps (persistence.keep)" };
        var yes = Confirmation.Yes();
        var json = BootCommands.Json();
        var command = new Command("reset", "Put parts of /etc back to what the image has, now") { paths, all, yes, json };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(paths) is { Length: > 0 }) == result.GetValue(all)) result.AddError("etc reset: expected paths, or --all");
        });
        command.SetAction(parsed =>
        {
            using var etc = MachineEtc.Open(wiring.Paths);
            var wanted = parsed.GetValue(paths)!.Select(MachineEtc.Below).ToArray();
            if (parsed.GetValue(all)) Confirmation.Require(parsed.GetValue(yes), parsed.InvocationConfiguration.Error, "This machine loses what it changed in /etc.");
            var undone = parsed.GetValue(all) ? etc.ResetAll() : etc.Reset(wanted);
            Result.Print(
                parsed.InvocationConfiguration.Output, undone, parsed.GetValue(json), EtcReportJson.Default.ImmutableArrayEtcChange,
                changes => changes.IsEmpty ? ["everything was as in the image"] : EtcDiffCommand.Lines(changes).Prepend("undone:"));
        });
        return command;
    }
}
