namespace Firn.Trust.Transports;

/// <summary>A repository on a static web host.</summary>
/// <param name="metadata">Ends with a slash.</param>
/// <param name="targets">Ends with a slash.</param>
/// <param name="files">Disposed with this.</param>
public sealed class HttpTransport(Uri metadata, Uri targets, HttpFiles files) : ITransport
{
    public string Name => metadata.GetLeftPart(UriPartial.Path);

    /// <param name="repository">Where <c>metadata/</c> and <c>targets/</c> are. A query stays: some stores authorize with it.</param>
    public static HttpTransport Of(Uri repository, HttpFiles files) =>
        new(Below(repository, "metadata/"), Below(repository, "targets/"), files);

    public async Task<Stream?> OpenMetadataAsync(string fileName, CancellationToken cancellation) =>
        (await files.FindAsync(Below(metadata, fileName), 0, cancellation))?.Body;

    public async Task<Stream?> OpenTargetAsync(string path, long offset, CancellationToken cancellation)
    {
        var address = Below(targets, string.Join('/', path.Split('/').Select(Uri.EscapeDataString)));
        return await files.FindAsync(address, offset, cancellation) is { } file
            ? new ResumingStream(file.Body, offset, files.Limits.StallBytes, from => files.OpenAsync(address, from, cancellation))
            : null;
    }

    /// <param name="path">Percent-encoded.</param>
    private static Uri Below(Uri directory, string path) =>
        new($"{directory.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{path}{directory.Query}");

    public void Dispose() => files.Dispose();
}
