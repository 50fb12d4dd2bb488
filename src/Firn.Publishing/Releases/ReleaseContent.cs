using System.Collections.Immutable;
using System.Security.Cryptography;
using Firn.Linux.Files;
using Firn.Publishing.Storage;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Releases;

/// <summary>A file of a release.</summary>
/// <param name="Name">Beside the manifest; a plain file name.</param>
/// <param name="Source">Where it is now.</param>
/// <param name="SizeBytes">What the manifest says.</param>
/// <param name="Sha256">What the manifest says.</param>
public sealed record ReleasePart(string Name, string Source, long SizeBytes, string Sha256);

/// <summary>A release that is to be added to a repository.</summary>
/// <param name="Name">Of the image.</param>
/// <param name="Version">Of the image.</param>
/// <param name="Hardware">What it is for.</param>
/// <param name="Manifest">The manifest, as it is.</param>
/// <param name="Parts">All that the manifest names.</param>
public sealed record ReleaseContent(string Name, string Version, string Hardware, byte[] Manifest, ImmutableArray<ReleasePart> Parts)
{
    public const string ManifestName = "manifest.json";

    public string DirectoryIn(string channel) => $"{channel}/{Name}-{Version}-{Hardware}";

    /// <summary>Brings the files in, each checked as it is copied. Nobody knows of them until metadata does.</summary>
    /// <exception cref="InvalidDataException">A file is not what the manifest says; nothing of it is kept.</exception>
    internal void CopyTo(IRepositoryFiles files, string channel, CancellationToken cancellation)
    {
        foreach (var (path, target, part) in Files(channel))
        {
            var place = RepositoryPaths.Of(path, target);
            if (part is null) files.Write(place, Manifest);
            else if (files.SizeOf(place) != part.SizeBytes) Copy(part, files, place, cancellation);
        }
    }

    internal IEnumerable<(string Path, TargetFile Target, ReleasePart? Part)> Files(string channel)
    {
        var directory = DirectoryIn(channel);
        foreach (var part in Parts)
            yield return ($"{directory}/{part.Name}", new(part.SizeBytes, FileHashes.OfSha256(part.Sha256)), part);
        yield return ($"{directory}/{ManifestName}", new(Manifest.Length, FileHashes.Of(Manifest)), null);
    }

    private static void Copy(ReleasePart part, IRepositoryFiles files, string place, CancellationToken cancellation)
    {
        using var source = new FileStream(part.Source, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (source.Length != part.SizeBytes)
            throw new InvalidDataException($"{part.Source}: has {source.Length} bytes, the manifest says {part.SizeBytes}");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        files.Write(place, new CheckedCopy(source, hash, part, cancellation));
    }

    /// <summary>A file that is not the one meant ends with an exception, not with its end.</summary>
    private sealed class CheckedCopy(Stream source, IncrementalHash hash, ReleasePart part, CancellationToken cancellation) : ForwardStream
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            cancellation.ThrowIfCancellationRequested();
            var read = source.Read(buffer, offset, count);
            hash.AppendData(buffer, offset, read);
            if (read == 0 && Convert.ToHexStringLower(hash.GetHashAndReset()) is var found && found != part.Sha256)
                throw new InvalidDataException($"{part.Source}: has SHA-256 {found}, the manifest says {part.Sha256}");
            return read;
        }
    }
}
