namespace Firn.Images.Content;

/// <summary>What a root filesystem needs on disk while it is in use: opened files, and temporary ones that go with it.</summary>
internal sealed class SpoolArea(string directory) : IDisposable
{
    private readonly Stack<IDisposable> _kept = [];
    private int _count;

    /// <summary>A path for something new.</summary>
    public string NewPath(string name)
    {
        Directory.CreateDirectory(directory);
        return Path.Combine(Path.GetFullPath(directory), $"source-{_count++}-{name}");
    }

    /// <summary>A file that has no name: it is gone when the area is disposed, and however this program ends.</summary>
    public FileStream NewFile(string name)
    {
        var path = NewPath(name);
        var file = Keep(new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        File.Delete(path);
        return file;
    }

    /// <summary>Disposes <paramref name="resource"/> with the area.</summary>
    public T Keep<T>(T resource) where T : IDisposable
    {
        _kept.Push(resource);
        return resource;
    }

    public void Dispose()
    {
        while (_kept.TryPop(out var resource)) resource.Dispose();
    }
}
