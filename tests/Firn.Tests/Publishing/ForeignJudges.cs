using System.Diagnostics;
using System.Text.Json;
using Firn.Tests.Formats;

namespace Firn.Tests.Trust.Publishing;

/// <summary>Programs of others in <c>tests/tuf-judges</c>, run by Node.js.</summary>
internal static class ForeignJudges
{
    private static readonly Lock Installing = new();

    private static string Directory { get; } = Path.Combine(Repository.Root, "tests/tuf-judges");

    /// <summary>Reads a repository with tuf-js from a plain static host on the loopback.</summary>
    /// <param name="state">What the client remembers.</param>
    /// <returns>SHA-256 of each target; null for one that nobody may speak for, or does.</returns>
    public static Dictionary<string, string?> Read(string repository, string state, params string[] targets)
    {
        Install();
        var output = ForeignTool.RunIn(Directory, "node", ["read-repository.mjs", repository, state, .. targets]);
        return JsonDocument.Parse(output).RootElement.GetProperty("targets").EnumerateObject()
            .ToDictionary(target => target.Name, target => target.Value.GetString());
    }

    /// <summary>Writes a repository with the models of tuf-js.</summary>
    public static void Write(string repository, string expires)
    {
        Install();
        ForeignTool.RunIn(Directory, "node", "write-repository.mjs", repository, expires);
    }

    /// <summary>tuf-js must refuse the repository.</summary>
    /// <returns>Why.</returns>
    public static string Refuses(string repository, string state, params string[] targets)
    {
        Install();
        var (code, output, error) = ForeignTool.Start(Directory, "node", [], ["read-repository.mjs", repository, state, .. targets]);
        Assert.True(code != 0, $"tuf-js believed it: {output}");
        return error;
    }

    /// <summary>A store that speaks S3 and checks signatures.</summary>
    public static (Process Process, int Port) StartStore(string directory, string bucket)
    {
        Install();
        var process = Process.Start(new ProcessStartInfo("node", ["s3-store.mjs", directory, bucket])
        {
            WorkingDirectory = Directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        return (process, int.Parse(process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the store did not start")));
    }

    private static void Install()
    {
        // npm leaves this behind when it is done; what it installed for an older list is not enough.
        var installed = Path.Combine(Directory, "node_modules", ".package-lock.json");
        lock (Installing)
            if (File.GetLastWriteTimeUtc(installed) < File.GetLastWriteTimeUtc(Path.Combine(Directory, "package-lock.json")))
                ForeignTool.RunIn(Directory, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
    }
}
