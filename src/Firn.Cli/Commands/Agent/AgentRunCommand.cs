using System.CommandLine;
using Firn.Agent.Service;
using Firn.Linux.Processes;
using Firn.Machine.Boot;

namespace Firn.Cli.Commands.Agent;

internal static class AgentRunCommand
{
    public static Command Create(Wiring wiring)
    {
        var command = new Command("run", "What firn-agent.service runs: checks, installs and restarts as agent.conf says, until it is stopped");
        command.SetAction(async (parsed, stop) =>
        {
            await Task.Yield();    // signals are heard from an action's first wait on: one that came before would leave a watchdog armed
            var output = parsed.InvocationConfiguration.Output;
            var paths = new AgentPaths(wiring.Paths.Root);
            var settings = AgentConfiguration.Read(paths);
            using var manager = new ServiceManager(
                Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), Environment.GetEnvironmentVariable("WATCHDOG_USEC"));
            if (RescueCauses.Read(wiring.Paths) is not null)
            {
                output.WriteLine("firn-agent: the rescue system runs, 'firn rescue wait' looks after it");
                await new AgentService(settings, paths, manager, output.WriteLine, wiring.Clock).StandAsideAsync(stop);
                return;
            }
            var machine = new AgentMachine(wiring.Disk(null), wiring.UpdateControl(null), settings, SystemReboot.Request);
            var service = new AgentService(settings, paths, manager, line => output.WriteLine($"firn-agent: {line}"), wiring.Clock);
            await service.RunAsync(new UpdateProgram(Environment.ProcessPath!), machine, stop);
        });
        return command;
    }
}
