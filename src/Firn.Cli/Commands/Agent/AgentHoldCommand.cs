using System.CommandLine;
using Firn.Agent.Service;
using Firn.Cli.Commands.Boot;
using Firn.Formats.Agents;

namespace Firn.Cli.Commands.Agent;

internal static class AgentHoldCommand
{
    public static Command Create(Wiring wiring)
    {
        var reason = new Argument<string?>("reason") { Description = "Why, for who looks later", Arity = ArgumentArity.ZeroOrOne };
        var time = new Option<TimeSpan?>("--for")
        {
            Description = "It ends by itself after that time, such as 12h (default: when it is released)",
            HelpName = "TIME",
            CustomParser = result =>
            {
                if (Duration.TryParse(result.Tokens[0].Value, out var parsed)) return parsed;
                result.AddError($"--for: '{result.Tokens[0].Value}' is no time: expected a number with s, m, h or d, such as 12h");
                return null;
            },
        };
        var (socket, json) = (AgentAsking.Socket(), BootCommands.Json());
        var command = new Command("hold", "Install nothing and do not restart; checks go on") { reason, time, socket, json };
        command.SetAction((parsed, cancellation) => AgentAsking.AskAsync(
            parsed, parsed.GetValue(socket)!,
            new(AgentVerb.Hold, parsed.GetValue(reason), parsed.GetValue(time) is { } limit ? wiring.Clock.GetUtcNow() + limit : null),
            parsed.GetValue(json), cancellation));
        return command;
    }
}
