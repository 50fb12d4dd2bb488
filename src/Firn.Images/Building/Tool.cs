using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Firn.Images.Building;

/// <summary>A program that Firn needs on the build machine is missing or failed.</summary>
public sealed class ToolException(string message) : Exception(message);

/// <summary>Runs programs of the build machine that do their work in about a second.</summary>
internal static class Tool
{
    /// <summary>Runs to the end and returns standard output as text.</summary>
    /// <param name="package">Debian package that holds the program, for the message when it is missing.</param>
    /// <exception cref="ToolException">Not installed, or it failed: with what it wrote to standard error.</exception>
    public static string Run(string program, string package, IEnumerable<string> arguments) =>
        Encoding.UTF8.GetString(Filter(program, package, arguments, []));

    /// <summary>As <see cref="Run"/>, with bytes for standard input and from standard output.</summary>
    public static byte[] Filter(string program, string package, IEnumerable<string> arguments, byte[] input)
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
            var errors = process.StandardError.ReadToEndAsync();
            using var output = new MemoryStream();
            var reading = process.StandardOutput.BaseStream.CopyToAsync(output);
            Feed(process, input);
            reading.GetAwaiter().GetResult();
            process.WaitForExit();
            return process.ExitCode == 0
                ? output.ToArray()
                : throw new ToolException($"{program} failed with exit code {process.ExitCode}: {errors.GetAwaiter().GetResult().Trim()}");
        }
        catch (Win32Exception)
        {
            throw new ToolException($"{program} is not installed; install the package {package}");
        }
    }

    private static void Feed(Process process, byte[] input)
    {
        try
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading everything; its exit code tells why.
        }
    }
}
