namespace Firn.Trust.Client;

/// <summary>How much a repository may make a machine read. Sizes are in bytes.</summary>
public sealed record TrustLimits
{
    public int MaximumRootBytes { get; init; } = 512_000;

    public int MaximumTimestampBytes { get; init; } = 16_384;

    /// <summary>Where timestamp does not say its size.</summary>
    public int MaximumSnapshotBytes { get; init; } = 2_000_000;

    /// <summary>Where snapshot does not say its size.</summary>
    public int MaximumTargetsBytes { get; init; } = 5_000_000;

    /// <summary>Whatever signed metadata says of sizes.</summary>
    public int MaximumSignedBytes { get; init; } = 50_000_000;

    /// <summary>New versions of root in one refresh.</summary>
    public int MaximumRootVersions { get; init; } = 256;

    /// <summary>Roles asked for one target.</summary>
    public int MaximumRoles { get; init; } = 32;
}
