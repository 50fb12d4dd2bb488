using System.CommandLine;
using Firn.Agent.Service;

namespace Firn.Cli.Commands.Agent;

internal static class AgentUnpinCommand
{
    public static Command Create() => AgentAsking.Verb("unpin", "Take every version again", AgentVerb.Unpin);
}
