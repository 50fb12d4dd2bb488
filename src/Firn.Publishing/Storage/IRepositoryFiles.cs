namespace Firn.Publishing.Storage;

/// <summary>
/// All that a repository does to a disk goes through here. Each write is a whole file: whenever it is stopped, there is the
/// old file or the new one. Paths are relative, with slashes.
/// </summary>
public interface IRepositoryFiles
{
    /// <summary>For messages.</summary>
    string Name { get; }

    /// <summary>Null if there is no such file.</summary>
    byte[]? Read(string path);

    /// <summary>Null if there is no such file.</summary>
    Stream? Open(string path);

    /// <summary>Null if there is no such file.</summary>
    long? SizeOf(string path);

    void Write(string path, ReadOnlySpan<byte> content);

    /// <summary>Copies a stream to its end. What it throws while it is read leaves the file as it was.</summary>
    void Write(string path, Stream content);

    /// <summary>Nothing happens if there is no such file.</summary>
    void Remove(string path);

    /// <summary>All files below <c>metadata/</c> and <c>targets/</c>.</summary>
    IEnumerable<StoredFile> List();
}

/// <param name="Path">Below the repository.</param>
/// <param name="SizeBytes">Of the file.</param>
/// <param name="Written">When it came there.</param>
public sealed record StoredFile(string Path, long SizeBytes, DateTimeOffset Written);
