namespace Firn.Tests;

/// <summary>A directory of a test's own, gone when the test is over.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("firn-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllText(this[name], text);
        return this[name];
    }

    // not Directory.Delete: it cannot name files whose names are not UTF-8
    public void Dispose() => System.Diagnostics.Process.Start("rm", ["-rf", "--", Path]).WaitForExit();
}
