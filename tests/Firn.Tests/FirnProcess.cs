using System.Diagnostics;

namespace Firn.Tests;

/// <summary><c>firn</c> as a process of its own, as it was built for these tests.</summary>
internal static class FirnProcess
{
    /// <returns>Its exit code, and what it wrote to both outputs.</returns>
    public static (int Code, string Output) Run(KeyValuePair<string, string>[] environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd() + error.Result;
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    public static Process Start(KeyValuePair<string, string>[] environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "firn.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
