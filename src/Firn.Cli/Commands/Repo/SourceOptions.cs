using System.CommandLine;
using Firn.Publishing.Destinations;
using Firn.Publishing.Storage;
using Firn.Trust.Metadata;
using Firn.Trust.Transports;

namespace Firn.Cli.Commands.Repo;

/// <summary>A repository to read: a directory, or on the web; and the root it must descend from.</summary>
internal static class SourceOptions
{
    public static Option<FileInfo?> Root() => new("--root")
    {
        Description = "A root that you trust, e.g. 1.root.json as machines have it: the repository must descend from it",
        HelpName = "FILE",
    };

    /// <summary>
    /// As <see cref="Open(string, CancellationToken)"/>, and from a bucket with its credentials. Each metadata file is read once,
    /// also of a directory: someone may publish there at the same time.
    /// </summary>
    public static (IRepositoryFiles Files, IDisposable? Owner) Open(string place, DestinationOptions destination, ParseResult parsed, CancellationToken cancellation)
    {
        if (!S3Address.Is(place) && !Directory.Exists(place)) return Open(place, cancellation);
        ITransport transport = S3Address.Is(place) ? new DestinationTransport(destination.Open(parsed, place)) : new DirectoryTransport(Path.GetFullPath(place));
        return (new TransportFiles(transport, cancellation), transport);
    }

    /// <returns>The files, and what is to be disposed of after them.</returns>
    public static (IRepositoryFiles Files, IDisposable? Owner) Open(string place, CancellationToken cancellation)
    {
        if (S3Address.Is(place)) throw new InvalidDataException($"{place}: is read as machines read it: give its http(s) URL");
        if (Directory.Exists(place)) return (new DirectoryFiles(Path.GetFullPath(place)), null);
        if (File.Exists(place)) throw new InvalidDataException($"{place}: a bundle is a part of a repository, which machines verify as they install it");
        var transport = Transport.Of(place, new());
        return (new TransportFiles(transport, cancellation), transport);
    }

    public static MetadataFile? Read(FileInfo? root) => root is null ? null : MetadataFile.Read(File.ReadAllBytes(root.FullName));
}
