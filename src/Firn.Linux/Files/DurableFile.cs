using System.Text;

namespace Firn.Linux.Files;

/// <summary>Small files that must be either as before or as after, whenever the power goes.</summary>
public static class DurableFile
{
    /// <summary>Replaces a file as a whole: written beside it, synced, renamed over it. Its directory is made.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(directory);
        var beside = path + ".new";
        using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        Move(beside, path);
    }

    /// <summary>As <see cref="Replace(string, ReadOnlySpan{byte})"/>, and only its owner can ever read it.</summary>
    public static void ReplaceSecret(string path, ReadOnlySpan<byte> content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var beside = path + ".new";
        File.Delete(beside);
        using (var created = RawFiles.Create(RawPath.From(beside)))
        {
            RandomAccess.Write(created, content, 0);
            RandomAccess.FlushToDisk(created);
        }
        Move(beside, path);
    }

    /// <summary>Puts a file that was synced in the place of another, in the same filesystem.</summary>
    public static void Move(string from, string path)
    {
        File.Move(from, path, overwrite: true);
        RawFiles.Sync(RawPath.From(Path.GetDirectoryName(Path.GetFullPath(path))!));
    }

    public static void Replace(string path, string content) => Replace(path, Encoding.UTF8.GetBytes(content));

    /// <summary>Adds to the end of a file in one write, and syncs.</summary>
    public static void Append(string path, ReadOnlySpan<byte> content)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(directory);
        var isNew = !File.Exists(path);
        using (var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        if (isNew) RawFiles.Sync(RawPath.From(directory));
    }

    /// <summary>Removes a file if it exists; it does not come back after a power cut.</summary>
    public static void Remove(string path)
    {
        if (!File.Exists(path)) return;
        File.Delete(path);
        RawFiles.Sync(RawPath.From(Path.GetDirectoryName(Path.GetFullPath(path))!));
    }
}
