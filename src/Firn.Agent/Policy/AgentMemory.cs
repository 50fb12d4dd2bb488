using System.Text.Json;
using System.Text.Json.Serialization;

namespace Firn.Agent.Policy;

/// <param name="Reason">In a person's words.</param>
/// <param name="Until">It ends by itself then; null: when a person ends it.</param>
public sealed record AgentHold(string Reason, DateTimeOffset? Until);

/// <summary>What the agent knows over restarts. A value: <see cref="AgentPolicy"/> makes the next one of it.</summary>
/// <param name="NextCheck">When the repository is asked again; null: now.</param>
/// <param name="LastCheck">When it was last asked with success.</param>
/// <param name="Failures">In a row: checks and installations.</param>
/// <param name="NotBefore">After a failed installation; null: it may be tried.</param>
/// <param name="Seen">The version that was offered last.</param>
/// <param name="SeenSince">When it was offered first.</param>
/// <param name="Hold">Nothing is installed, and nothing restarts.</param>
/// <param name="Pin">No other version is installed.</param>
/// <param name="RetryFrom">Trials that failed before this do not count any more.</param>
/// <param name="Downloaded">The version that the idle slot was filled with, asleep; an installation finds it there.</param>
public sealed record AgentMemory(
    DateTimeOffset? NextCheck = null, DateTimeOffset? LastCheck = null, int Failures = 0, DateTimeOffset? NotBefore = null,
    string? Seen = null, DateTimeOffset? SeenSince = null, AgentHold? Hold = null, string? Pin = null, DateTimeOffset? RetryFrom = null,
    string? Downloaded = null)
{
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, MemoryJson.Default.AgentMemory);

    /// <summary>A memory that cannot be read is as good as none.</summary>
    public static AgentMemory Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, MemoryJson.Default.AgentMemory) ?? new();
        }
        catch (JsonException)
        {
            return new();
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(AgentMemory))]
internal sealed partial class MemoryJson : JsonSerializerContext;
