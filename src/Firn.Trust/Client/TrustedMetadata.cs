using Firn.Trust.Metadata;

namespace Firn.Trust.Client;

/// <summary>The top-level roles that one refresh ended with; they belong together.</summary>
/// <param name="Root">The newest.</param>
/// <param name="Timestamp">The newest.</param>
/// <param name="Snapshot">That timestamp means.</param>
/// <param name="Targets">That snapshot means.</param>
/// <param name="Started">When the refresh began: the time all expiry is measured against.</param>
public sealed record TrustedMetadata(
    RootMetadata Root, TimestampMetadata Timestamp, SnapshotMetadata Snapshot, TargetsMetadata Targets, DateTimeOffset Started);
