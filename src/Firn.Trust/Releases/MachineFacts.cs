namespace Firn.Trust.Releases;

/// <summary>What a machine is, as far as releases ask for it.</summary>
/// <param name="Name">Of the image that runs.</param>
/// <param name="Version">Of the image that runs.</param>
/// <param name="Hardware">Kind of hardware.</param>
/// <param name="Id">Never changes, and no two machines share it; null if the machine has none, and so no place in a rollout.</param>
/// <param name="IsDamaged">Its system does not start: the same version heals it.</param>
public sealed record MachineFacts(string Name, string Version, string Hardware, string? Id, bool IsDamaged = false);
