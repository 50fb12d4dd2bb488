namespace Firn.Images.Building;

/// <summary>
/// Where a build makes its files: beside their final place, so that moving them there is one step each. Locked while in
/// use, and gone afterwards; what a build left that a signal ended goes with the next.
/// </summary>
internal sealed class BuildDirectory : IDisposable
{
    private readonly string _output;
    private readonly bool _isOutputNew;
    private readonly FileStream _lock;

    private BuildDirectory(string output, bool isOutputNew, FileStream held) => (_output, _isOutputNew, _lock) = (output, isOutputNew, held);

    /// <exception cref="IOException">Another build writes to the same output directory.</exception>
    public static BuildDirectory Make(string output)
    {
        var isOutputNew = !Directory.Exists(output);
        var path = PathIn(output);
        Directory.CreateDirectory(path);
        var held = Lock(Path.Combine(path, "lock"), output);
        foreach (var left in Directory.EnumerateFiles(path))
            if (left != held.Name) File.Delete(left);
        foreach (var left in Directory.EnumerateDirectories(path)) Directory.Delete(left, recursive: true);
        return new(output, isOutputNew, held);
    }

    public string this[string name] => Path.Combine(PathIn(_output), name);

    public void Dispose()
    {
        Directory.Delete(PathIn(_output), recursive: true);
        _lock.Dispose();
        if (_isOutputNew && !Directory.EnumerateFileSystemEntries(_output).Any()) Directory.Delete(_output);
    }

    private static string PathIn(string output) => Path.Combine(Path.GetFullPath(output), ".firn-build");

    private static FileStream Lock(string path, string output)
    {
        try
        {
            return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);    // flock(2), which the kernel undoes
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new IOException($"{output}: another build writes to this directory");
        }
    }
}
