using Firn.Agent.Service;

namespace Firn.Agent.Rescue;

/// <summary>The repository of the machine's image. Asked soon at first, then ever more seldom.</summary>
/// <param name="longest">Between two questions.</param>
/// <param name="random">From 0 to below 1.</param>
public sealed class RescueRepository(IUpdateEngine engine, TimeSpan longest, TimeProvider clock, Func<double> random) : IRescueSource
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(15);

    private TimeSpan _pause = FirstPause;
    private long? _asked;
    private TimeSpan _wait;
    private (string? Version, string? Problem) _answer;

    /// <summary>By a clock that nobody sets.</summary>
    public async Task<IReadOnlyList<RescueOffer>> LookAsync(Func<string, bool> isDue, CancellationToken stop)
    {
        if (_asked is null || clock.GetElapsedTime(_asked.Value) >= _wait) _answer = await AskAsync(stop);
        return _answer switch
        {
            (null, { } problem) => throw new UpdateFailedException(problem),
            ({ } version, _) => [new($"repository {version}", $"{version} of the repository", token => engine.InstallAsync(isDownloadOnly: false, token))],
            _ => [],
        };
    }

    private async Task<(string? Version, string? Problem)> AskAsync(CancellationToken stop)
    {
        try
        {
            var offer = await engine.CheckAsync(stop);
            return (offer.Version, offer.Version is null ? "the repository has nothing for this machine now" : null);
        }
        catch (UpdateFailedException error)
        {
            return (null, error.Message);
        }
        finally
        {
            _wait = _pause * (0.75 + random() / 2);
            _pause = 2 * _pause < longest ? 2 * _pause : longest;
            _asked = clock.GetTimestamp();
        }
    }
}
