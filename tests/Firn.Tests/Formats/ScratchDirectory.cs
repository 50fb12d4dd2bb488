namespace Firn.Tests.Formats;

/// <summary>A directory of a test's own, gone after it.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("firn-test-").FullName;

    public string File(string name) => Path.Combine(_path, name);

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        System.IO.File.WriteAllBytes(File(name), bytes);
        return File(name);
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
