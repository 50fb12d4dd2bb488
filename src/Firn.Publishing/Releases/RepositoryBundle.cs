using System.Collections.Immutable;
using Firn.Formats.Trees;
using Firn.Publishing.Drafts;
using Firn.Publishing.Storage;
using Firn.Trust;
using Firn.Trust.Bundles;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Releases;

/// <summary>Takes releases of one channel out of a repository, with all the metadata that proves them, into a bundle.</summary>
public static class RepositoryBundle
{
    /// <param name="repository">What is published: nothing else can be proven.</param>
    /// <param name="source">Its files.</param>
    /// <param name="releases">At least one, all of one channel.</param>
    /// <exception cref="RepositoryRefusedException">Something of it is not published.</exception>
    public static void Write(Stream output, PublishedRepository repository, DirectoryFiles source, ImmutableArray<ListedRelease> releases)
    {
        var channel = releases[0].Channel;
        if (releases.Any(release => release.Channel != channel)) throw new InvalidDataException("a bundle holds releases of one channel");
        var files = new List<BundleFile>();
        for (var version = 1L; version <= repository.Root.Version; version++) AddMetadata(RepositoryPaths.Of(RoleNames.Root, version));
        AddMetadata(RepositoryPaths.Timestamp);
        foreach (var role in new[] { RoleNames.Snapshot, RoleNames.Targets, channel }) AddMetadata(RepositoryPaths.Of(role, repository.VersionOf(role)));

        var bins = repository.Targets(channel)?.Delegations?.SuccinctRoles;
        foreach (var directory in releases.Select(release => release.Directory))
        {
            var found = false;
            foreach (var role in new[] { channel }.Concat(bins?.Roles().Select(bin => bin.Name) ?? []))
                foreach (var (path, target) in repository.Targets(role)!.Targets.Where(entry => entry.Key.StartsWith($"{directory}/", StringComparison.Ordinal)))
                {
                    found = true;
                    var place = RepositoryPaths.Of(path, target);
                    files.Add(new(place, new StoredContent(source.PathOf(place), target.SizeBytes)));
                    if (bins is not null && role != channel) AddMetadata(RepositoryPaths.Of(role, repository.VersionOf(role)));
                }
            if (!found) throw new RepositoryRefusedException($"{directory}: is not published yet");
        }
        BundleWriter.Write(output, new(channel, [.. releases.Select(release => release.Path)]), files.DistinctBy(file => file.Path));

        void AddMetadata(string path) => files.Add(new(path, FileContent.Of(source.Read(path)
            ?? throw new TrustException(TrustFailure.Missing, path, "is not there"))));
    }

    /// <summary>A file of the repository, opened for each piece: a bundle has few, and they are large.</summary>
    private sealed class StoredContent(string path, long sizeBytes) : FileContent
    {
        public override long SizeBytes => sizeBytes;

        public override void Read(long offset, Span<byte> destination)
        {
            using var file = File.OpenHandle(path);
            for (var done = 0; done < destination.Length;)
            {
                var count = RandomAccess.Read(file, destination[done..], offset + done);
                if (count == 0) throw new EndOfStreamException($"{path}: ends after {offset + done} bytes");
                done += count;
            }
        }
    }
}
