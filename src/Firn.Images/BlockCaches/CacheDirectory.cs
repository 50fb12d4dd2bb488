using Firn.Linux.Compression;
using Firn.Linux.Files;

namespace Firn.Images.BlockCaches;

/// <summary>What a cache holds.</summary>
/// <param name="Packs">Files that hold blocks.</param>
/// <param name="PlainBytes">Of the blocks before compression.</param>
/// <param name="SizeBytes">On disk.</param>
/// <param name="Unfinished">Packs being written now, or left by builds that were killed.</param>
public sealed record CacheStatistics(string Directory, long Packs, long Blocks, long PlainBytes, long SizeBytes, long Unfinished);

/// <summary>What was found wrong in a cache. Such records are never used; they only take room.</summary>
public sealed record CacheVerification(long Blocks, long Damaged, long DamagedPacks);

/// <summary>What was pruned.</summary>
/// <param name="SizeBytes">What is left.</param>
/// <param name="RefusedPacks">Had to go, but belong to others, who alone can remove them.</param>
public sealed record CachePruning(long RemovedPacks, long RemovedBytes, long SizeBytes, long RefusedPacks);

/// <summary>The cache as a whole, as a person looks after it. All can be done while builds use it.</summary>
public static class CacheDirectory
{
    public const long DefaultLimitBytes = 10L << 30;

    /// <summary>As the XDG base directory specification has it: $XDG_CACHE_HOME/firn, or ~/.cache/firn.</summary>
    public static string Default => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } home && Path.IsPathRooted(home)
            ? home
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "firn");

    public static CacheStatistics Statistics(string directory)
    {
        long packs = 0, blocks = 0, plain = 0, size = 0;
        foreach (var file in Packs(Blocks(directory)))
        {
            using var pack = PackFile.TryOpen(file.FullName);
            if (pack is null) continue;
            packs++;
            size += pack.SizeBytes;
            blocks += pack.Records.Count;
            plain += pack.Records.Sum(entry => (long)entry.Record.PlainBytes);
        }
        return new(directory, packs, blocks, plain, size, Files(Blocks(directory), PackWriter.Suffix).Count());
    }

    /// <summary>Removes what was unused for longest until the rest fits; and first what is no whole pack.</summary>
    public static CachePruning Prune(string directory, long limitBytes)
    {
        foreach (var partial in Files(Blocks(directory), PackWriter.Suffix)) PackWriter.TryAdopt(partial.FullName);
        var packs = Packs(Blocks(directory)).OrderBy(file => file.LastWriteTimeUtc).ToList();
        var total = packs.Sum(file => file.Length);
        long removed = 0, removedBytes = 0, refused = 0;
        foreach (var file in packs)
        {
            using var pack = PackFile.TryOpen(file.FullName);
            if (pack is not null && total <= limitBytes) continue;
            if (!TryRemove(file.FullName))
            {
                refused++;
                continue;
            }
            removed++;
            removedBytes += file.Length;
            total -= file.Length;
        }
        return new(removed, removedBytes, total, refused);
    }

    /// <summary>Decompresses every block and compares it with its name.</summary>
    /// <param name="isRepaired">Whether packs with damage are removed.</param>
    public static CacheVerification Verify(string directory, bool isRepaired)
    {
        using var zstd = new ZstdDecompressor();
        var (plain, buffer) = (new byte[1 << 20], new byte[PackRecord.HeaderBytes + (1 << 20)]);
        long blocks = 0, damaged = 0, damagedPacks = 0;
        foreach (var file in Packs(Blocks(directory)))
        {
            using var pack = PackFile.TryOpen(file.FullName);
            var before = damaged;
            foreach (var (record, offset) in pack?.Records ?? [])
            {
                blocks++;
                if (!IsGood(pack!, record, offset)) damaged++;
            }
            if (pack is not null && damaged == before) continue;
            damagedPacks++;
            if (isRepaired) file.Delete();
        }
        return new(blocks, damaged, damagedPacks);

        bool IsGood(PackFile pack, PackRecord record, long offset)
        {
            var whole = buffer.AsSpan(0, record.RecordBytes);
            if (!pack.TryRead(offset, whole) || PackRecord.Read(whole) != record) return false;
            if (record.StoredBytes == 0) return true;
            try
            {
                var size = zstd.Decompress(whole[PackRecord.HeaderBytes..], plain);
                return size == record.PlainBytes && BlockKey.Of(plain.AsSpan(0, size)) == record.Key;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        }
    }

    /// <summary>
    /// Makes each of the directories that is not there, within the one before, and like it open to others: a cache that a
    /// group may write to stays one, whatever the umask of those who do.
    /// </summary>
    internal static void Make(params ReadOnlySpan<string> directories)
    {
        for (var i = 0; i < directories.Length; i++)
        {
            if (Directory.Exists(directories[i])) continue;
            Directory.CreateDirectory(directories[i]);
            if (i > 0) RawFiles.SetMode(RawPath.From(directories[i]), RawFiles.Status(RawPath.From(directories[i - 1])).Mode);
        }
    }

    /// <summary>False for what belongs to someone else.</summary>
    internal static bool TryRemove(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    internal static IEnumerable<FileInfo> Packs(string blocks) => Files(blocks, PackFile.Suffix);

    private static string Blocks(string directory) => Path.Combine(directory, "blocks");

    private static IEnumerable<FileInfo> Files(string blocks, string suffix) => Directory.Exists(blocks)
        ? new DirectoryInfo(blocks).EnumerateDirectories().SelectMany(kind => kind.EnumerateFiles($"*{suffix}"))
        : [];
}
