using Firn.Linux.Files;

namespace Firn.Publishing.Storage;

/// <summary>A repository in a directory of this machine.</summary>
public sealed class DirectoryFiles(string root) : IRepositoryFiles
{
    private const int CopyBufferBytes = 1 << 20;

    public string Name => root;

    public byte[]? Read(string path) => File.Exists(PathOf(path)) ? File.ReadAllBytes(PathOf(path)) : null;

    public Stream? Open(string path) => File.Exists(PathOf(path))
        ? new FileStream(PathOf(path), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0)
        : null;

    public long? SizeOf(string path) => new FileInfo(PathOf(path)) is { Exists: true } file ? file.Length : null;

    public void Write(string path, ReadOnlySpan<byte> content) => DurableFile.Replace(PathOf(path), content);

    public void Write(string path, Stream content)
    {
        var target = PathOf(path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var beside = target + ".new";
        try
        {
            using var file = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            content.CopyTo(file, CopyBufferBytes);
            file.Flush(flushToDisk: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
        DurableFile.Move(beside, target);
    }

    /// <summary>Directories that become empty go too.</summary>
    public void Remove(string path)
    {
        DurableFile.Remove(PathOf(path));
        for (var directory = Path.GetDirectoryName(path); directory is { Length: > 0 } && directory.Contains('/'); directory = Path.GetDirectoryName(directory))
        {
            if (!Directory.Exists(PathOf(directory)) || Directory.EnumerateFileSystemEntries(PathOf(directory)).Any()) return;
            Directory.Delete(PathOf(directory));
        }
    }

    public IEnumerable<StoredFile> List() =>
        from top in new[] { RepositoryPaths.Metadata, RepositoryPaths.Targets }
        where Directory.Exists(PathOf(top))
        from file in new DirectoryInfo(PathOf(top)).EnumerateFiles("*", SearchOption.AllDirectories)
        select new StoredFile(Path.GetRelativePath(root, file.FullName), file.Length, file.LastWriteTimeUtc);

    internal string PathOf(string path) => Path.Combine(root, path);
}
