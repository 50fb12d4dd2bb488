using System.CommandLine;
using Firn.Cli.Rendering;
using Firn.Machine.Boot;
using Firn.Machine.Updates;
using Firn.Trust;
using Firn.Trust.Releases;

namespace Firn.Cli.Commands.Update;

/// <summary>Which release is meant, and whether it may be believed.</summary>
internal sealed class ReleaseOptions
{
    public Argument<string?> Source { get; } = new("source")
    {
        Description = "A bundle, or a directory with a repository; or a release: its directory, its manifest.json, or an http(s) URL of either "
            + "(default: the newest release of this machine's repository)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public Option<bool> Unsigned { get; } = new("--unsigned") { Description = "Take a release that nobody signed, although this machine has a repository" };

    public Option<bool> Offline { get; } = new("--offline")
    {
        Description = "Take a bundle whose time is over, but never one older than what this machine has seen",
    };

    public Option<bool> IgnoreWaves { get; } = UpdateCheckCommand.IgnoreWaves();

    /// <summary>Does something with the release, or prints why there is none.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WithReleaseAsync(
        Wiring wiring, ParseResult parsed, string? disk, bool isJson, Func<IReleaseSource, Task> act, CancellationToken cancellation)
    {
        var source = parsed.GetValue(Source);
        if (IsUnsigned(source, disk, wiring, parsed.GetValue(Unsigned)))
        {
            using var release = ReleaseSource.Of(source!);
            await act(release);
            return 0;
        }
        var isBundle = source is not null;
        using var offer = await wiring.RepositoryUpdates.CheckAsync(
            source, new(AcceptsStale: isBundle && parsed.GetValue(Offline)),
            isBundle ? WavePolicy.Ignore : UpdateCheckCommand.Policy(parsed.GetValue(IgnoreWaves)), cancellation);
        UpdateCheckCommand.Warn(parsed.InvocationConfiguration.Error, offer.Check);
        if (offer.Release is { } chosen)
        {
            await OnAnyMirrorAsync(offer, () => act(chosen), parsed.InvocationConfiguration.Error);
            return 0;
        }
        Result.Print(parsed.InvocationConfiguration.Output, offer.Check, isJson, ResultJson.Default.UpdateCheck, isBundle ? UpdateCheckCommand.LinesWithReasons : UpdateCheckCommand.Lines);
        return ExitCode.NothingToInstall;
    }

    /// <summary>A mirror that has the metadata may still have other images than it should: then those of the others are tried.</summary>
    private static async Task OnAnyMirrorAsync(UpdateOffer offer, Func<Task> act, TextWriter error)
    {
        while (true)
            try
            {
                await act();
                foreach (var problem in offer.LaterProblems) error.WriteLine($"warning: {problem}");
                return;
            }
            catch (TrustException problem) when (offer.TurnToOtherMirrors())
            {
                error.WriteLine($"warning: {problem.Message}; asking another mirror");
            }
    }

    /// <summary>
    /// Whether what was asked for is a release as such, which nothing vouches for. A machine whose image was made for a
    /// repository takes one only if it is told so.
    /// </summary>
    private static bool IsUnsigned(string? source, string? disk, Wiring wiring, bool isAllowed)
    {
        var hasRepository = disk is null && RepositoryUpdates.SettingsOf(wiring.Paths) is not null;
        var isRelease = source is not null && !IsBundle(source);
        if (!isRelease && !hasRepository)
            throw new RefusedException(source is null
                ? "no source was given, and there is no repository: this machine's image was made for none (recipe: repository)"
                : $"{source}: a bundle is compared with the repository of the machine's image, and there is none");
        if (!isRelease) return false;
        if (hasRepository && !isAllowed)
            throw new RefusedException(
                $"{source}: nobody signed it, and this machine takes signed releases; a bundle can be installed, or this with --unsigned");
        return true;
    }

    private static bool IsBundle(string source) => Directory.Exists(source)
        ? File.Exists(Path.Combine(source, "metadata/timestamp.json"))
        : File.Exists(source) && !source.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
}
