using System.Collections.Immutable;
using Firn.Trust.Client;

namespace Firn.Trust.Releases;

/// <summary>The releases of a channel: what the role of that name, or top-level targets, lists under <c>CHANNEL/</c>.</summary>
public static class ReleaseCatalog
{
    private const string Manifest = "/manifest.json";

    /// <exception cref="TrustException">A role is not to be believed, or says something wrongly.</exception>
    public static async Task<ImmutableArray<AvailableRelease>> ReadAsync(
        TrustClient client, TrustedMetadata metadata, string channel, CancellationToken cancellation)
    {
        var delegated = await client.FindRoleAsync(channel, cancellation);
        var paths = metadata.Targets.Targets.Keys.Concat(delegated?.Targets.Keys ?? [])
            .Where(path => path.StartsWith($"{channel}/", StringComparison.Ordinal) && path.EndsWith(Manifest, StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal);

        var releases = ImmutableArray.CreateBuilder<AvailableRelease>();
        foreach (var path in paths)
        {
            // that a role lists a path does not mean that it may: only the search by path says whose word counts
            if (await client.FindAsync(path, cancellation) is not { } target) continue;
            if (ReadTerms(target) is { } terms) releases.Add(new(target, terms));
        }
        return releases.ToImmutable();
    }

    private static ReleaseTerms? ReadTerms(TrustedTarget target)
    {
        try
        {
            return ReleaseTerms.Read(target.File.Custom);
        }
        catch (InvalidDataException error)
        {
            throw new TrustException(TrustFailure.Malformed, target.Path, error.Message, error);
        }
    }
}
