using System.ComponentModel;
using Firn.Linux.Processes;

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
        try
        {
            var end = await ProgramChild.RunAsync(firn, ["update", "install", file], OutputLimit, stop);
            return new(end.ExitCode, end.Output.Trim(), LastLine(end.Errors));
        }
        catch (Win32Exception error)
        {
            throw new IOException($"{firn}: {error.Message}", error);
        }
    }

    public static string LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";
}
