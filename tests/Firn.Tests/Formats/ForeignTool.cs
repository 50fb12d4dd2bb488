using System.ComponentModel;
using System.Diagnostics;

namespace Firn.Tests.Formats;

/// <summary>
/// Runs a tool that judges our bytes. A tool that is not installed fails the test: a judge that does not sit proves
/// nothing.
/// </summary>
internal static class ForeignTool
{
    /// <summary>Its standard output; fails if it says no.</summary>
    public static string Run(string tool, params string[] arguments) => RunIn(".", tool, arguments);

    public static string RunIn(string directory, string tool, params string[] arguments)
    {
        var (exitCode, output, error) = Start(directory, tool, [], arguments);
        Assert.True(exitCode == 0, $"{tool} {string.Join(' ', arguments)}: exit code {exitCode}\n{output}{error}");
        return output;
    }

    public static (int ExitCode, string Output, string Error) Start(
        string directory, string tool, ReadOnlySpan<byte> input, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(tool), arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        start.Environment["TZ"] = "UTC";
        try
        {
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
            process.WaitForExit();
            return (process.ExitCode, output.Result, error.Result);
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException($"{tool} is not installed; this test needs it as a judge");
        }
    }

    /// <summary>Users have no sbin in their PATH, but may run what is there.</summary>
    private static string Find(string tool) =>
        new[] { "/usr/sbin", "/sbin" }.Select(directory => Path.Combine(directory, tool)).FirstOrDefault(File.Exists) ?? tool;
}
