using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Firn.Agent.Policy;

namespace Firn.Agent.Service;

/// <summary>
/// The verbs <c>update check</c> and <c>update install</c> of a <c>firn</c> of their own: what they take of memory is given back when
/// they end, and the agent itself holds nothing of network, cryptography and images.
/// </summary>
public sealed class UpdateProgram(string firn) : IUpdateEngine
{
    private const int NothingToInstall = 5;    // ExitCode of the verbs, docs/reference/update.md
    private const int OutputLimit = 1 << 20, ProblemLimit = 500;

    public async Task<AgentOffer> CheckAsync(CancellationToken cancellation)
    {
        var output = await RunAsync(["update", "check", "--json"], cancellation);
        try
        {
            var answer = JsonSerializer.Deserialize(output, CheckJson.Default.CheckAnswer);
            return new(answer?.Available, answer?.NextTurn);
        }
        catch (JsonException error)
        {
            throw new UpdateFailedException($"firn update check: its answer cannot be understood: {error.Message}");
        }
    }

    public async Task InstallAsync(bool isDownloadOnly, CancellationToken cancellation) =>
        await RunAsync(["update", "install", "--json", .. isDownloadOnly ? ["--download-only"] : Array.Empty<string>()], cancellation);

    private async Task<string> RunAsync(string[] arguments, CancellationToken cancellation)
    {
        using var process = new Process { StartInfo = new(firn, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true } };
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            throw new UpdateFailedException($"{firn}: {error.Message}");
        }
        process.StandardInput.Close();
        try
        {
            var (output, problems) = (ReadEndAsync(process.StandardOutput, OutputLimit, cancellation), ReadEndAsync(process.StandardError, OutputLimit, cancellation));
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode is 0 or NothingToInstall ? await output : throw new UpdateFailedException(Problem(await problems, process.ExitCode));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string Problem(string errors, int exitCode)
    {
        var last = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? $"ended with exit code {exitCode}";
        return last.Length > ProblemLimit ? last[..ProblemLimit] : last;
    }

    private static async Task<string> ReadEndAsync(StreamReader reader, int limit, CancellationToken cancellation)
    {
        var text = new System.Text.StringBuilder();
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer, cancellation) is > 0 and var count)
        {
            text.Append(buffer, 0, count);
            if (text.Length > limit) text.Remove(0, text.Length - limit);
        }
        return text.ToString();
    }
}

/// <summary>What the agent reads of <c>firn update check --json</c>.</summary>
internal sealed record CheckAnswer(string? Available, DateTimeOffset? NextTurn);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(CheckAnswer))]
internal sealed partial class CheckJson : JsonSerializerContext;
