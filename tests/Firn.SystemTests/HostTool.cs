using System.Diagnostics;
using System.Text;

namespace Firn.SystemTests;

/// <summary>Programs of this machine, as judges or to prepare what is judged. Output is taken byte by byte (Latin-1).</summary>
internal static class HostTool
{
    /// <summary>These tests mount and make devices; where they may not, they say so.</summary>
    public static void RequireRoot() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: mounts and makes devices");

    public static string Run(string tool, params string[] arguments)
    {
        var (code, output) = Start(tool, arguments);
        Assert.True(code == 0, $"{tool} {string.Join(' ', arguments)}: exit code {code}\n{output}");
        return output;
    }

    public static bool Succeeds(string tool, params string[] arguments) => Start(tool, arguments).Code == 0;

    public static void TryRun(string tool, params string[] arguments) => Start(tool, arguments);

    private static (int Code, string Output) Start(string tool, string[] arguments)
    {
        var file = new[] { "/usr/sbin", "/sbin" }.Select(directory => Path.Combine(directory, tool)).FirstOrDefault(File.Exists);
        using var process = Process.Start(new ProcessStartInfo(file ?? tool, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.Latin1,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }
}
