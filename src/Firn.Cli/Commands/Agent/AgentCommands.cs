using System.CommandLine;

namespace Firn.Cli.Commands.Agent;

internal static class AgentCommands
{
    public static Command Create(Wiring wiring) => new("agent", "Keep this machine up to date by itself, and see and steer what does")
    {
        AgentRunCommand.Create(wiring),
        AgentWebCommand.Create(wiring),
        AgentWebPasswordCommand.Create(wiring),
        AgentStatusCommand.Create(),
        AgentCheckNowCommand.Create(),
        AgentHoldCommand.Create(wiring),
        AgentReleaseCommand.Create(),
        AgentPinCommand.Create(),
        AgentUnpinCommand.Create(),
        AgentRetryCommand.Create(),
    };
}
