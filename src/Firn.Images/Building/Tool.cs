using System.ComponentModel;
using System.Diagnostics;

namespace Firn.Images.Building;

/// <summary>A program that Firn needs on the build machine is missing or failed.</summary>
public sealed class ToolException(string message) : Exception(message);

/// <summary>Runs programs of the build machine that do their work in under a second.</summary>
internal static class Tool
{
    /// <summary>Runs to the end and returns standard output.</summary>
    /// <param name="package">Debian package that holds the program, for the message when it is missing.</param>
    /// <exception cref="ToolException">Not installed, or it failed: with what it wrote to standard error.</exception>
    public static string Run(string program, string package, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["LC_ALL"] = "C";
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new ToolException($"{program} failed with exit code {process.ExitCode}: {errors.GetAwaiter().GetResult().Trim()}");
            return output;
        }
        catch (Win32Exception)
        {
            throw new ToolException($"{program} is not installed; install the package {package}");
        }
    }
}
