using Firn.Publishing.Drafts;
using Firn.Publishing.Storage;
namespace Firn.Publishing.Destinations;

/// <summary>Where machines, or the web server they ask, find a repository.</summary>
public interface IPublishDestination : IDisposable
{
    /// <summary>For messages.</summary>
    string Name { get; }

    /// <summary>Small files only.</summary>
    /// <returns>Null if there is no such file.</returns>
    Task<byte[]?> ReadAsync(string path, CancellationToken cancellation);

    /// <returns>Null if there is no such file.</returns>
    Task<long?> SizeOfAsync(string path, CancellationToken cancellation);

    /// <returns>Null if there is no such file.</returns>
    Task<Stream?> OpenAsync(string path, long offset, CancellationToken cancellation);

    /// <summary>All files below <c>metadata/</c> and <c>targets/</c>.</summary>
    Task<IReadOnlyList<StoredFile>> ListAsync(CancellationToken cancellation);

    /// <summary>Nothing happens if there is no such file.</summary>
    Task RemoveAsync(string path, CancellationToken cancellation);

    /// <summary>Puts a file there as a whole or not at all.</summary>
    /// <param name="file">Its name and what it must be.</param>
    /// <param name="open">Called again for every attempt; reading to the end fails if it is not what it must be.</param>
    /// <param name="replaces">
    /// What is there now; null for nothing. Where the destination can tell, it refuses if that is not so.
    /// </param>
    /// <exception cref="RepositoryRefusedException">Someone else was faster.</exception>
    Task WriteAsync(PublishedFile file, Func<Stream> open, byte[]? replaces, CancellationToken cancellation);
}
