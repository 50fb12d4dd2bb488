using System.Diagnostics;
using Firn.Cli;

namespace Firn.SystemTests;

/// <summary>Runs <c>firn</c> as somebody else than root.</summary>
internal static class OtherUser
{
    public static (int Code, string Error) Run(int uid, params string[] arguments)
    {
        HostTool.RequireRoot();
        string[] become = ["--reuid", $"{uid}", "--regid", "100", "--clear-groups", "--inh-caps=-all"];
        var program = typeof(ExitCode).Assembly.Location;
        Assert.SkipUnless(HostTool.Succeeds("setpriv", [.. become, "test", "-r", program]), $"{program}: only root may read it");
        using var process = Process.Start(new ProcessStartInfo("setpriv", [.. become, "dotnet", program, .. arguments])
        { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" })!;
        process.BeginOutputReadLine();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error);
    }
}
