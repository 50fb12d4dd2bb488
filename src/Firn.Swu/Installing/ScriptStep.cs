using Firn.Linux.Files;
using Firn.Linux.Processes;
using Firn.Swu.Archives;
using Firn.Swu.Descriptions;

namespace Firn.Swu.Installing;

/// <summary>A program that the file brings: <c>preinst</c> or <c>postinst</c> is what a shell script is told, as SWUpdate does.</summary>
internal sealed class ScriptStep(SwuArchive archive, Artefact script, string? moment, string directory, bool isAllowed) : IStep
{
    private const uint OwnerRuns = 0x1c0;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(30);

    public void Check(Action<string> problem, CancellationToken cancellation)
    {
        if (!isAllowed && moment != "postinst") problem($"scripts: {script.FileName}: this machine runs no programs out of .swu files (swu.conf: scripts)");
    }

    public void Run(CancellationToken cancellation)
    {
        if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
        Directory.CreateDirectory(Path.GetDirectoryName(directory)!);
        RawFiles.MakeDirectory(RawPath.From(directory), OwnerRuns);
        var path = Path.Combine(directory, script.FileName);
        try
        {
            using (var content = Payloads.Open(archive, script))
            using (var file = new FileStream(RawFiles.Create(RawPath.From(path)), FileAccess.Write))
                content.CopyTo(file);
            RawFiles.SetMode(RawPath.From(path), OwnerRuns);
            var result = ProgramRun.Run(path, new[] { moment, script.Data }.OfType<string>(), TimeLimit);
            if (!result.Succeeded)
                throw new IOException($"{script.FileName}: {(result.TimedOut ? "took too long" : $"exit code {result.ExitCode}")}{(result.Output.Trim() is { Length: > 0 } said ? $": {said}" : "")}");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
