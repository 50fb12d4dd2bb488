using System.CommandLine;
using System.Globalization;
using Firn.Agent.Health;
using Firn.Agent.Rescue;
using Firn.Agent.Service;
using Firn.Cli.Commands.Boot;
using Firn.Cli.Rendering;
using Firn.Formats.Agents;
using Firn.Formats.Boot;
using Firn.Formats.Resets;
using Firn.Linux.Processes;
using Firn.Machine.Boot;
using Firn.Machine.Overlays;
using Firn.Machine.Updates;

namespace Firn.Cli.Commands.Update;

internal static class UpdateConfirmCommand
{
    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan CheckLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    public static Command Create(Wiring wiring)
    {
        var whenHealthy = new Option<bool>("--when-healthy")
        {
            Description = "What firn-confirm.service runs at every boot: on a trial, confirm or fall back; otherwise, record how the last trial failed",
        };
        var deadline = new Option<TimeSpan?>("--deadline")
        {
            Description = "With --when-healthy: by when after the start of the kernel (default: firn.deadline of the kernel command line, or 300s)",
            HelpName = "TIME",
            CustomParser = result => Duration.TryParse(result.Tokens[0].Value, out var time) ? time : Reject(result),
        };
        var directory = new Option<DirectoryInfo>("--health-directory")
        {
            Description = "With --when-healthy: executables that must all exit with 0",
            DefaultValueFactory = _ => new("/etc/firn/health.d"),
        };
        var json = BootCommands.Json();
        var command = new Command("confirm", "Keep the running system: it boots from now on") { whenHealthy, deadline, directory, json };
        command.SetAction(parsed =>
        {
            var control = wiring.UpdateControl(null);
            var result = parsed.GetValue(whenHealthy)
                ? WhenHealthy(wiring, control, parsed.GetValue(deadline), parsed.GetValue(directory)!.FullName, parsed.InvocationConfiguration.Error)
                : ByHand(wiring, control);
            Result.Print(
                parsed.InvocationConfiguration.Output, result, parsed.GetValue(json), ResultJson.Default.ConfirmResult, Lines);
            return result.Outcome == ConfirmOutcome.TrialAbandoned ? ExitCode.Failed : 0;
        });
        return command;
    }

    private static ConfirmResult WhenHealthy(
        Wiring wiring, UpdateControl control, TimeSpan? deadline, string directory, TextWriter log)
    {
        var booted = RunningBoot.Parse(File.ReadAllText(wiring.Paths.KernelCommandLine));
        var uptime = double.Parse(File.ReadAllText(wiring.Paths.Uptime).Split(' ')[0], CultureInfo.InvariantCulture);
        var limit = (deadline ?? booted.Deadline ?? DefaultDeadline) - TimeSpan.FromSeconds(uptime);
        IHealthCheck[] checks =
        [
            new SystemdHealth(wiring.Paths.SystemdRuntime, "systemctl", PollInterval),
            .. Configured(wiring, control, directory),
        ];
        var overlay = new OverlayTrial(wiring.Paths);
        // a slot on trial is judged with its overlay; both wait for the same checks
        var result = control.ConfirmWhenHealthy(checks, limit, SystemReboot.Request, log.WriteLine);
        if (result.Outcome is ConfirmOutcome.Confirmed or ConfirmOutcome.AlreadyConfirmed) KeepForRescue(wiring, log);
        if (result.Outcome == ConfirmOutcome.TrialAbandoned || !overlay.IsRunning) return result;
        var problem = result.Outcome == ConfirmOutcome.Confirmed ? null : HealthChecks.FirstProblem(checks, limit, wiring.Clock, log.WriteLine);
        Judge(overlay, problem, log);
        return result;
    }

    /// <summary>What <c>agent.conf</c> asks for, whether or not an agent runs.</summary>
    private static IEnumerable<IHealthCheck> Configured(Wiring wiring, UpdateControl control, string directory)
    {
        var executables = new DirectoryHealth(directory, CheckLimit);
        AgentSettings settings;
        try
        {
            settings = AgentConfiguration.Read(new(wiring.Paths.Root));
        }
        catch (InvalidDataException error)
        {
            return [executables, new BuiltInHealth("agent.conf", _ => error.Message, retries: 0, TimeSpan.Zero, wiring.Clock)];
        }
        IEnumerable<IHealthCheck> automatic = [.. BuiltInHealth.Of(settings, wiring.Clock), executables];
        return settings.Confirm == ConfirmStrategy.Operator
            ? automatic.Append(new OperatorHealth(settings.ConfirmWithin, () => control.Status().IsConfirmed, wiring.Paths.Healthy, wiring.Clock))
            : automatic;
    }

    /// <summary>A machine that is well without them stays confirmed without them.</summary>
    private static void KeepForRescue(Wiring wiring, TextWriter log)
    {
        if (!wiring.Disk(null).HasPartition(DiskLayout.BootPartition(Slot.Rescue))) return;
        try
        {
            var certificate = KeepPattern.TryParse(AgentConfiguration.Read(new(wiring.Paths.Root)).WebCertificate);
            RescueSettings.Keep(wiring.Paths, [.. RescueConfiguration.Read(wiring.Paths.Root).Keep, .. certificate is null ? Array.Empty<KeepPattern>() : [certificate]]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            log.WriteLine($"settings for the rescue system cannot be kept: {error.Message}");
        }
    }

    private static void Judge(OverlayTrial overlay, string? problem, TextWriter log)
    {
        if (problem is null) overlay.Confirm();
        else overlay.Reject(problem);
        log.WriteLine(problem is null ? "the overlay is confirmed" : $"the overlay is given up: {problem}; the machine restarts without it");
        if (problem is not null) SystemReboot.Request();
    }

    private static ConfirmResult ByHand(Wiring wiring, UpdateControl control)
    {
        var result = control.Confirm();
        var overlay = new OverlayTrial(wiring.Paths);
        if (overlay.IsRunning) overlay.Confirm();
        return result;
    }

    private static TimeSpan? Reject(System.CommandLine.Parsing.ArgumentResult result)
    {
        result.AddError($"--deadline: '{result.Tokens[0].Value}' is no time: expected a number with s, m or h, such as 300s");
        return null;
    }

    private static IEnumerable<string> Lines(ConfirmResult result)
    {
        var slot = result.Slot.Name();
        yield return result.Outcome switch
        {
            ConfirmOutcome.Confirmed => $"slot {slot} is confirmed now",
            ConfirmOutcome.AlreadyConfirmed => $"slot {slot} was confirmed already",
            ConfirmOutcome.TrialFailureRecorded => $"slot {slot} failed its trial: {result.Reason}",
            ConfirmOutcome.NothingToConfirm => "the rescue system runs: there is nothing to confirm",
            _ => $"slot {slot} is given up: {result.Reason}; the machine restarts with the confirmed one",
        };
    }
}
