using System.CommandLine;
using Firn.Agent.Service;
using Firn.Cli.Rendering;
using Firn.Machine.Boot;

namespace Firn.Cli.Commands.Agent;

/// <summary>What the verbs that ask a running agent share.</summary>
internal static class AgentAsking
{
    public static Option<FileInfo> Socket() => new("--socket")
    {
        Description = "Where the agent listens",
        HelpName = "FILE",
        DefaultValueFactory = _ => new(new AgentPaths().Socket),
    };

    /// <exception cref="RefusedException">The agent does not want to.</exception>
    public static async Task AskAsync(ParseResult parsed, FileInfo socket, AgentRequest request, bool asJson, CancellationToken cancellation)
    {
        var reply = await AgentSocket.AskAsync(socket.FullName, request, cancellation);
        if (reply is not { Problem: null, Status: { } status }) throw new RefusedException(reply.Problem ?? "the agent did not say what it is at");
        Result.Print(parsed.InvocationConfiguration.Output, status, asJson, ResultJson.Default.AgentStatus, AgentStatusCommand.Lines);
    }

    /// <summary>A verb without anything to say.</summary>
    public static Command Verb(string name, string description, AgentVerb verb)
    {
        var (socket, json) = (Socket(), Boot.BootCommands.Json());
        var command = new Command(name, description) { socket, json };
        command.SetAction((parsed, cancellation) => AskAsync(parsed, parsed.GetValue(socket)!, new(verb), parsed.GetValue(json), cancellation));
        return command;
    }
}
