using System.CommandLine;
using Firn.Agent.Service;

namespace Firn.Cli.Commands.Agent;

internal static class AgentRetryCommand
{
    public static Command Create() => AgentAsking.Verb("retry", "Forget failed trials and installations, and try again", AgentVerb.Retry);
}
