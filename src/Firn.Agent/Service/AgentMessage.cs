using Firn.Agent.Policy;

namespace Firn.Agent.Service;

/// <summary>What changes the agent's state; one after the other.</summary>
internal abstract record AgentMessage
{
    private AgentMessage() { }

    /// <param name="Problem">Null if it went well.</param>
    public sealed record Checked(AgentOffer? Offer, string? Problem) : AgentMessage;

    /// <param name="Problem">Null if it went well.</param>
    public sealed record Installed(AgentStep.Install Step, string? Problem) : AgentMessage;
    public sealed record Asked(AgentRequest Request, TaskCompletionSource<AgentReply> Reply) : AgentMessage;
}
