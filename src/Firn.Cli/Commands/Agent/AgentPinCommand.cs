using System.CommandLine;
using Firn.Agent.Service;
using Firn.Cli.Commands.Boot;

namespace Firn.Cli.Commands.Agent;

internal static class AgentPinCommand
{
    public static Command Create()
    {
        var version = new Argument<string>("version") { Description = "The only version that is installed" };
        var (socket, json) = (AgentAsking.Socket(), BootCommands.Json());
        var command = new Command("pin", "Take one version and no other") { version, socket, json };
        command.SetAction((parsed, cancellation) => AgentAsking.AskAsync(
            parsed, parsed.GetValue(socket)!, new(AgentVerb.Pin, Version: parsed.GetValue(version)), parsed.GetValue(json), cancellation));
        return command;
    }
}
