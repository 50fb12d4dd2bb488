using Firn.Publishing.Care;
using Firn.Publishing.Storage;
using Firn.Trust;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Destinations;

/// <summary>A copy of a repository that somebody else publishes.</summary>
public static class Mirror
{
    /// <param name="trusted">A root to descend from; null for that of the copy which is there already.</param>
    /// <exception cref="TrustException">There is nothing to trust, or the source is not to be trusted; nothing was copied, or no metadata that anybody sees.</exception>
    public static async Task<PublishResult> RunAsync(
        IRepositoryFiles source, IPublishDestination destination, MetadataFile? trusted, DateTimeOffset now, PublishOptions options,
        IProgress<PublishProgress>? progress, CancellationToken cancellation)
    {
        trusted ??= await destination.ReadAsync(RepositoryPaths.Of(RoleNames.Root, 1), cancellation) is { } there ? MetadataFile.Read(there) : null;
        if (trusted is null)
            throw new TrustException(TrustFailure.NoRoot, destination.Name, "has no root yet to begin with: give the one that machines trust with --root");
        var report = await RepositoryCheck.RunAsync(source, trusted, now, readsTargets: false, progress: null, cancellation);
        if (!report.IsSound)
            throw new TrustException(TrustFailure.Malformed, source.Name, $"is not copied: {string.Join("; ", report.Problems)}");
        return await Publisher.CopyAsync(PublishedRepository.Read(source, trusted)!, source, destination, options, progress, cancellation);
    }
}
