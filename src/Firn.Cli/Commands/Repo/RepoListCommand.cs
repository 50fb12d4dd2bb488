using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Firn.Cli.Rendering;
using Firn.Publishing.Drafts;
using Firn.Publishing.Releases;
using Firn.Trust.Releases;

namespace Firn.Cli.Commands.Repo;

/// <param name="Channel">Where it is.</param>
/// <param name="Name">Of the image.</param>
/// <param name="Version">Of the image.</param>
/// <param name="Hardware">What it is for.</param>
/// <param name="State">What machines are told.</param>
/// <param name="IsStaged">Its terms are not published as they are listed here.</param>
internal sealed record ReleaseLine(string Channel, string Name, string Version, string Hardware, string State, bool IsStaged);

internal static class RepoListCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var command = new Command("list", "List the releases of all channels, with what is staged");
        options.AddWithoutKeysTo(command);
        command.SetAction(parsed =>
        {
            using var editor = options.Open(parsed);
            var draft = editor.Draft;
            var published = draft.Published is null ? [] : ListedRelease.All(draft.With(StagedEdit.None)).ToDictionary(release => release.Path);
            var lines = ListedRelease.All(draft).Select(release => new ReleaseLine(
                release.Channel, release.Terms.Name, release.Terms.Version, release.Terms.Hardware, StateOf(release.Terms, draft.Now),
                !published.TryGetValue(release.Path, out var before) || !before.Terms.Equals(release.Terms))).ToImmutableArray();
            Result.Print(parsed.InvocationConfiguration.Output, lines, options.IsJson(parsed), RepoJson.Default.ImmutableArrayReleaseLine, Lines);
        });
        return command;
    }

    private static string StateOf(ReleaseTerms terms, DateTimeOffset now) => terms switch
    {
        { Revoked: { } reason } => $"revoked: {reason}",
        { IsPaused: true } => "paused",
        { Rollout: { } rollout } => $"{ShareAt(rollout, now):0.#} % of machines",
        _ => "all machines",
    };

    /// <summary>Of machines whose turn has come, in percent.</summary>
    private static double ShareAt(Rollout rollout, DateTimeOffset now)
    {
        var before = 0;
        foreach (var wave in rollout.Waves)
        {
            if (now < wave.From) return before / 10.0;
            if (now < wave.Until) return (before + (wave.Permille - before) * ((now - wave.From) / (wave.Until - wave.From))) / 10;
            before = wave.Permille;
        }
        return before / 10.0;
    }

    private static IEnumerable<string> Lines(ImmutableArray<ReleaseLine> releases)
    {
        if (releases.IsEmpty) yield return "no releases";
        foreach (var release in releases)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{release.Channel}/{release.Version,-10} {release.Name} for {release.Hardware}: {release.State}{(release.IsStaged ? " (staged)" : "")}");
    }
}
