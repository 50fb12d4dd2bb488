using System.ComponentModel;
using System.Diagnostics;

namespace Firn.Web.Uploads;

/// <summary>What <c>firn update install FILE</c> said of a file.</summary>
/// <param name="Output">On standard output: what was done, or why there is nothing to do.</param>
/// <param name="Problem">The last line of standard error.</param>
public sealed record InstallEnd(int ExitCode, string Output, string Problem);

/// <summary>Verifies and installs by the verb that people use: there is one way onto a slot, and no option here goes around it.</summary>
public static class InstallProgram
{
    private const int OutputLimit = 8 << 10;

    /// <exception cref="IOException">It cannot be started.</exception>
    public static async Task<InstallEnd> RunAsync(string firn, string file, CancellationToken stop)
    {
        using var process = new Process
        {
            StartInfo = new(firn, ["update", "install", file]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            throw new IOException($"{firn}: {error.Message}", error);
        }
        process.StandardInput.Close();
        try
        {
            var (output, problems) = (ReadEndAsync(process.StandardOutput, stop), ReadEndAsync(process.StandardError, stop));
            await process.WaitForExitAsync(stop);
            return new(process.ExitCode, (await output).Trim(), LastLine(await problems));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    public static string LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";

    private static async Task<string> ReadEndAsync(StreamReader reader, CancellationToken stop)
    {
        var text = new System.Text.StringBuilder();
        var buffer = new char[1024];
        while (await reader.ReadAsync(buffer, stop) is > 0 and var count)
        {
            text.Append(buffer, 0, count);
            if (text.Length > OutputLimit) text.Remove(0, text.Length - OutputLimit);
        }
        return text.ToString();
    }
}
