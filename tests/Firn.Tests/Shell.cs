using System.Diagnostics;
using System.Text;

namespace Firn.Tests;

/// <summary>Foreign tools that judge what we read and write. A missing tool fails the test by name.</summary>
internal static class Shell
{
    /// <summary>Runs a script with <c>sh -eu</c> and gives back what it printed, byte for byte as Latin-1.</summary>
    public static string Run(string script, string directory)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-eu", "-c", script])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.Latin1,
            Environment = { ["LC_ALL"] = "C", ["TZ"] = "UTC" },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"script ended with {process.ExitCode}: {errors.Result}\n{script}");
        return output;
    }
}
