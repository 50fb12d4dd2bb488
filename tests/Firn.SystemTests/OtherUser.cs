using System.Diagnostics;

namespace Firn.SystemTests;

/// <summary>Runs <c>firn</c> as somebody else than root.</summary>
internal static class OtherUser
{
    public static (int Code, string Error) Run(int uid, params string[] arguments)
    {
        HostTool.RequireRoot();
        // a copy where everybody can read it: the repository may be in a directory of root's
        using var directory = new TemporaryDirectory();
        HostTool.Run("install", "-m", "755", Repository.MachineProgram, directory["firn"]);
        HostTool.Run("chmod", "755", directory[""]);
        string[] become = ["--reuid", $"{uid}", "--regid", "100", "--clear-groups", "--inh-caps=-all"];
        using var process = Process.Start(new ProcessStartInfo("setpriv", [.. become, directory["firn"], .. arguments])
        { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" })!;
        process.BeginOutputReadLine();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error);
    }
}
