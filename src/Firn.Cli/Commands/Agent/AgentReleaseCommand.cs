using System.CommandLine;
using Firn.Agent.Service;

namespace Firn.Cli.Commands.Agent;

internal static class AgentReleaseCommand
{
    public static Command Create() => AgentAsking.Verb("release", "End a hold", AgentVerb.Release);
}
