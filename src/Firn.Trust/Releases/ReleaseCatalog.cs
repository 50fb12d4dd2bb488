using System.Collections.Immutable;
using Firn.Trust.Client;

namespace Firn.Trust.Releases;

/// <summary>The releases of a channel: what the role of that name, or top-level targets, lists under <c>CHANNEL/</c>.</summary>
/// <param name="Releases">In no order.</param>
/// <param name="Problems">Releases left out because their terms cannot be understood: one must not hold up the others.</param>
public sealed record ReleaseCatalog(ImmutableArray<AvailableRelease> Releases, ImmutableArray<string> Problems)
{
    private const string Manifest = "/manifest.json";

    /// <exception cref="TrustException">A role is not to be believed.</exception>
    public static async Task<ReleaseCatalog> ReadAsync(
        TrustClient client, TrustedMetadata metadata, string channel, CancellationToken cancellation)
    {
        var delegated = await client.FindRoleAsync(channel, cancellation);
        var paths = metadata.Targets.Targets.Keys.Concat(delegated?.Targets.Keys ?? [])
            .Where(path => path.StartsWith($"{channel}/", StringComparison.Ordinal) && path.EndsWith(Manifest, StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal);

        var releases = ImmutableArray.CreateBuilder<AvailableRelease>();
        var problems = ImmutableArray.CreateBuilder<string>();
        foreach (var path in paths)
        {
            // that a role lists a path does not mean that it may: only the search by path says whose word counts
            if (await client.FindAsync(path, cancellation) is not { } target) continue;
            try
            {
                if (ReleaseTerms.Read(target.File.Custom) is { } terms) releases.Add(new(target, terms));
            }
            catch (InvalidDataException error)
            {
                problems.Add($"{path}: {error.Message}");
            }
        }
        return new(releases.ToImmutable(), problems.ToImmutable());
    }
}
