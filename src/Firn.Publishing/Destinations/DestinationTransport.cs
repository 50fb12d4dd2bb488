using Firn.Publishing.Storage;
using Firn.Trust.Transports;

namespace Firn.Publishing.Destinations;

/// <summary>What was published to a place, read back from there.</summary>
/// <param name="destination">Disposed with this.</param>
public sealed class DestinationTransport(IPublishDestination destination) : ITransport
{
    public string Name => destination.Name;

    public Task<Stream?> OpenMetadataAsync(string fileName, CancellationToken cancellation) =>
        destination.OpenAsync($"{RepositoryPaths.Metadata}/{fileName}", 0, cancellation);

    public Task<Stream?> OpenTargetAsync(string path, long offset, CancellationToken cancellation) =>
        destination.OpenAsync($"{RepositoryPaths.Targets}/{path}", offset, cancellation);

    public void Dispose() => destination.Dispose();
}
