using System.CommandLine;
using Firn.Formats.Boot;
using Firn.Formats.Resets;
using Firn.Linux.Processes;
using Firn.Machine.Boot;
using Firn.Settings.Reset;

namespace Firn.Cli.Commands.Data;

internal static class DataResetCommand
{
    public static Command Create(Wiring wiring)
    {
        var keep = new Option<string[]>("--keep")
        {
            Description = $"What to keep besides what the recipe says (persistence.keep): {KeepPattern.Expected}. Several",
            HelpName = "PATTERN",
        };
        keep.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => KeepPattern.TryParse(token.Value) is null))
                result.AddError($"--keep: '{token.Value}' cannot be kept: expected {KeepPattern.Expected}");
        });
        var cancel = new Option<bool>("--cancel") { Description = "Do not, after all" };
        var reboot = new Option<bool>("--reboot") { Description = "Restart the machine at once" };
        var yes = Confirmation.Yes();
        var command = new Command("reset", "Factory reset: at the next boot, erase what this machine has stored") { keep, cancel, reboot, yes };
        command.SetAction(parsed =>
        {
            var (output, reset) = (parsed.InvocationConfiguration.Output, new FactoryReset(wiring.Paths.Data));
            if (parsed.GetValue(cancel))
            {
                output.WriteLine(reset.Cancel() ? "nothing will be erased" : "no factory reset was asked for");
                return;
            }
            RequireConfirmed(wiring);
            var kept = FactoryReset.KeptByImage(wiring.Paths).Concat((parsed.GetValue(keep) ?? []).Select(text => KeepPattern.TryParse(text)!)).ToArray();
            Confirmation.Require(
                parsed.GetValue(yes), parsed.InvocationConfiguration.Error,
                $"Everything that this machine has stored is erased at its next boot{(kept.Length == 0 ? "" : $", but {string.Join(", ", kept.AsEnumerable())}")}.");
            reset.Request(kept);
            output.WriteLine("the next boot erases what this machine has stored; 'firn data reset --cancel' until then");
            foreach (var pattern in kept) output.WriteLine($"kept: {pattern}");
            if (parsed.GetValue(reboot)) SystemReboot.Request();
        });
        return command;
    }

    /// <summary>A trial that is given up would find nothing of what it falls back to.</summary>
    private static void RequireConfirmed(Wiring wiring)
    {
        var status = wiring.UpdateControl(null).Status();
        if (!status.IsConfirmed && status.Running != Slot.Rescue)
            throw new RefusedException($"version {status.Version} is on trial: 'firn update confirm' or 'firn update rollback' first");
    }
}
