namespace Firn.Tests.Formats;

/// <summary>A directory of a test's own, gone after it.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("firn-test-").FullName;

    public string Path => _path;

    public string File(string name) => System.IO.Path.Combine(_path, name);

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        System.IO.File.WriteAllBytes(File(name), bytes);
        return File(name);
    }

    // not Directory.Delete: it cannot name files whose names are not UTF-8
    public void Dispose() => System.Diagnostics.Process.Start("rm", ["-rf", "--", _path]).WaitForExit();
}
