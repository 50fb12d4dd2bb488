using System.CommandLine;
using Firn.Dispatch.Remotes;
using Firn.Supervision.Control;

namespace Firn.Cli.Commands.Pm;

internal static class PmIsHealthyCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static Command Create(TimeProvider clock)
    {
        var home = PmCommands.Home();
        var limit = new Option<int>("--timeout") { Description = "Seconds to wait for units that are starting (0)", HelpName = "SECONDS", CustomParser = WholeNumber.ParsePositive };
        var command = new Command("is-healthy", "Tell by the exit code whether all that should run does, for health checks of an update") { limit, home };
        command.SetAction((parsed, cancellation) =>
        {
            var (begun, place, error) = (clock.GetTimestamp(), PmCommands.HomeOf(parsed.GetValue(home)), parsed.InvocationConfiguration.Error);
            while (true)
            {
                var health = new ManagerHealth(Environment.GetEnvironmentVariable("PM_UNIT"));
                var result = ControlClient.Ask(place, new("status", [], []), health.Add);
                if (result.Exit != 0) return Task.FromResult(result.Finish(error));
                if (health.Failed.Count == 0 && health.Pending.Count == 0) return Task.FromResult(0);
                var isLate = clock.GetElapsedTime(begun).TotalSeconds >= parsed.GetValue(limit);
                if (health.Failed.Count == 0 && !isLate && !cancellation.WaitHandle.WaitOne(Pause)) continue;
                error.WriteLine(health.Failed.Count > 0 ? $"failed: {string.Join(", ", health.Failed)}" : $"not running yet: {string.Join(", ", health.Pending)}");
                return Task.FromResult(ExitCode.Failed);
            }
        });
        return command;
    }
}
