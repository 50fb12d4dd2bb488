using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Firn.Agent.Policy;
using Firn.Linux.Processes;

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

    /// <summary>Of a bundle, a <c>.swu</c> file, or a directory with a repository.</summary>
    /// <exception cref="UpdateFailedException">Nothing in it can be taken.</exception>
    public async Task InstallFromAsync(string source, CancellationToken cancellation)
    {
        var end = await EndAsync(["update", "install", source], cancellation);
        if (end.ExitCode == NothingToInstall) throw new UpdateFailedException(Cut(end.Output.Trim().ReplaceLineEndings(";")));
        if (end.ExitCode != 0) throw new UpdateFailedException(Problem(end.Errors, end.ExitCode));
    }

    private async Task<string> RunAsync(string[] arguments, CancellationToken cancellation)
    {
        var end = await EndAsync(arguments, cancellation);
        return end.ExitCode is 0 or NothingToInstall ? end.Output : throw new UpdateFailedException(Problem(end.Errors, end.ExitCode));
    }

    private async Task<ProgramEnd> EndAsync(string[] arguments, CancellationToken cancellation)
    {
        try
        {
            return await ProgramChild.RunAsync(firn, arguments, OutputLimit, cancellation);
        }
        catch (Win32Exception error)
        {
            throw new UpdateFailedException($"{firn}: {error.Message}");
        }
    }

    private static string Problem(string errors, int exitCode) =>
        Cut(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? $"ended with exit code {exitCode}");

    private static string Cut(string text) => text.Length > ProblemLimit ? text[..ProblemLimit] : text;
}

/// <summary>What the agent reads of <c>firn update check --json</c>.</summary>
internal sealed record CheckAnswer(string? Available, DateTimeOffset? NextTurn);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(CheckAnswer))]
internal sealed partial class CheckJson : JsonSerializerContext;
