using System.CommandLine;
using Firn.Agent.Service;

namespace Firn.Cli.Commands.Agent;

internal static class AgentCheckNowCommand
{
    public static Command Create() => AgentAsking.Verb("check-now", "Ask the repository now, without waiting for the next check", AgentVerb.CheckNow);
}
