using System.Diagnostics;

namespace Firn.SystemTests;

/// <summary>An image file as a disk of the kernel.</summary>
internal sealed class LoopDevice : IDisposable
{
    public LoopDevice(string file) => Path = Tool.Run("losetup", "--find", "--show", file).Trim();

    public string Path { get; }
    public string Partition(int number) => $"{Path}p{number}";

    /// <summary>After its file has grown.</summary>
    public void ReadSizeAnew() => Tool.Run("losetup", "--set-capacity", Path);

    public void Dispose()
    {
        Tool.TryRun("partx", "--delete", Path);
        Tool.Run("losetup", "--detach", Path);
    }
}

internal static class Tool
{
    /// <summary>These tests mount and make devices; where they may not, they say so.</summary>
    public static void RequireRoot() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: mounts and makes devices");

    public static string Run(string tool, params string[] arguments)
    {
        var (code, output) = Start(tool, arguments);
        Assert.True(code == 0, $"{tool} {string.Join(' ', arguments)}: exit code {code}\n{output}");
        return output;
    }

    public static void TryRun(string tool, params string[] arguments) => Start(tool, arguments);

    private static (int Code, string Output) Start(string tool, string[] arguments)
    {
        var file = new[] { "/usr/sbin", "/sbin" }.Select(directory => Path.Combine(directory, tool)).FirstOrDefault(File.Exists);
        using var process = Process.Start(new ProcessStartInfo(file ?? tool, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }
}
