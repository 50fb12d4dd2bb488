using System.Diagnostics;
using System.Text;

namespace Firn.Linux.Processes;

/// <summary>How a program that was waited for came to its end.</summary>
/// <param name="Output">The last of standard output.</param>
/// <param name="Errors">The last of standard error.</param>
public sealed record ProgramEnd(int ExitCode, string Output, string Errors);

/// <summary>Runs a program for as long as it takes; its two outputs stay apart, and bounded. It ends, with all it began, with who waits.</summary>
public static class ProgramChild
{
    /// <param name="file">The program.</param>
    /// <param name="arguments">For it.</param>
    /// <param name="outputLimit">Characters that are kept of each output.</param>
    /// <param name="cancellation">Kills it.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    public static async Task<ProgramEnd> RunAsync(string file, IEnumerable<string> arguments, int outputLimit, CancellationToken cancellation)
    {
        using var process = new Process
        {
            StartInfo = new(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.Start();
        process.StandardInput.Close();
        try
        {
            var (output, errors) = (ReadEndAsync(process.StandardOutput, outputLimit, cancellation), ReadEndAsync(process.StandardError, outputLimit, cancellation));
            await process.WaitForExitAsync(cancellation);
            return new(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static async Task<string> ReadEndAsync(StreamReader reader, int limit, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer, cancellation) is > 0 and var count)
        {
            text.Append(buffer, 0, count);
            if (text.Length > limit) text.Remove(0, text.Length - limit);
        }
        return text.ToString();
    }
}
