using System.Text.Json.Serialization;

namespace Firn.Machine.Boot;

/// <summary>What dm-verity says of the root image that runs.</summary>
public enum RootVerity
{
    /// <summary>Every block that was read so far is the one that was built.</summary>
    [JsonStringEnumMemberName("verified")] Verified,

    /// <summary>A block was read that is not. It was not used; what needed it failed.</summary>
    [JsonStringEnumMemberName("corrupted")] Corrupted,

    /// <summary>It is checked, but only root may ask for the result.</summary>
    [JsonStringEnumMemberName("unknown")] Unknown,
}
