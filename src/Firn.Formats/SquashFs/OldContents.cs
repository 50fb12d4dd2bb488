using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>Finds for the files of a tree the contents of an earlier image that are the same, by size and SHA-256.</summary>
internal static class OldContents
{
    private const int BufferBytes = SquashFsOptions.MaximumBlockSizeBytes;

    /// <summary>For each file that has one: the old content with the same bytes. Equal files share one.</summary>
    public static Dictionary<PlannedInode, SquashFsContent> Match(
        IReadOnlyList<PlannedInode> files, IReadOnlyCollection<SquashFsContent> old, int blockSize, int threads)
    {
        var oldSizes = old.Select(content => content.SizeBytes).ToHashSet();
        var candidates = files.Where(file => oldSizes.Contains(file.Node.Content.SizeBytes)).ToList();
        var newSizes = candidates.Select(file => file.Node.Content.SizeBytes).ToHashSet();
        var oldJobs = old.Where(content => newSizes.Contains(content.SizeBytes))
            .OrderBy(content => content.Place).Select(content => new HashJob(content, blockSize, mayBeDamaged: true)).ToList();
        var newJobs = candidates.Select(file => new HashJob(file.Node.Content, blockSize, mayBeDamaged: false)).ToList();

        var workers = Enumerable.Range(0, threads).Select(_ => new Worker((_, _) => 0, BufferBytes)).ToList();
        using (var pool = new WorkerPool(workers))
        {
            foreach (var job in oldJobs) pool.Start(job);
            foreach (var job in newJobs) pool.Start(job);
            foreach (var job in oldJobs.Concat(newJobs)) job.Wait();
        }

        var byKey = new Dictionary<ContentKey, SquashFsContent>();
        foreach (var job in oldJobs)
            if (job.Key is { } key) byKey.TryAdd(key, (SquashFsContent)job.Content);
        var matches = new Dictionary<PlannedInode, SquashFsContent>();
        for (var i = 0; i < candidates.Count; i++)
            if (byKey.TryGetValue(newJobs[i].Key!.Value, out var match)) matches.Add(candidates[i], match);
        return matches;
    }

    private sealed class HashJob(FileContent content, int blockSize, bool mayBeDamaged) : Job
    {
        public FileContent Content => content;
        public ContentKey? Key { get; private set; }

        public override void Run(Worker worker)
        {
            try
            {
                Key = content.SizeBytes >= blockSize ? ContentKey.Of(content, blockSize, worker.Plain) : OfSmall(worker);
            }
            catch (InvalidDataException) when (mayBeDamaged)
            {
                // Then it is the same as nothing.
            }
        }

        private ContentKey OfSmall(Worker worker)
        {
            var plain = worker.Plain.AsSpan(0, (int)content.SizeBytes);
            content.Read(0, plain);
            return ContentKey.Of(plain);
        }
    }
}
