using Firn.Trust.Client;
using Firn.Trust.Transports;

namespace Firn.Publishing.Storage;

/// <summary>
/// A repository elsewhere, to verify or to mirror: read only. Metadata is kept once it was fetched, so that what was verified
/// is what is copied.
/// </summary>
public sealed class TransportFiles(ITransport transport, CancellationToken cancellation) : IRepositoryFiles
{
    private const string Metadata = RepositoryPaths.Metadata + "/";
    private const string Targets = RepositoryPaths.Targets + "/";

    private readonly Dictionary<string, byte[]?> _metadata = new(StringComparer.Ordinal);

    public string Name => transport.Name;

    public byte[]? Read(string path)
    {
        if (_metadata.TryGetValue(path, out var known)) return known;
        return _metadata[path] = Wait(ReadAsync(path));
    }

    private async Task<byte[]?> ReadAsync(string path)
    {
        var stream = await transport.OpenMetadataAsync(path[Metadata.Length..], cancellation);
        if (stream is null) return null;
        await using (stream) return await BoundedRead.AllAsync(stream, new TrustLimits().MaximumSignedBytes, path, cancellation);
    }

    public Stream? Open(string path) => path.StartsWith(Targets, StringComparison.Ordinal)
        ? Wait(transport.OpenTargetAsync(path[Targets.Length..], 0, cancellation))
        : Read(path) is { } bytes ? new MemoryStream(bytes, writable: false) : null;

    /// <summary>Nobody says: only reading it tells.</summary>
    public long? SizeOf(string path) => null;

    public void Write(string path, ReadOnlySpan<byte> content) => throw new NotSupportedException("read only");
    public void Write(string path, Stream content) => throw new NotSupportedException("read only");
    public void Remove(string path) => throw new NotSupportedException("read only");

    public IEnumerable<StoredFile> List() => throw new NotSupportedException("nobody says what is there");

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
