using Firn.Trust.Client;

namespace Firn.Trust.Releases;

/// <param name="Manifest">Its target in the repository.</param>
/// <param name="Terms">Whom it is for.</param>
public sealed record AvailableRelease(TrustedTarget Manifest, ReleaseTerms Terms);
