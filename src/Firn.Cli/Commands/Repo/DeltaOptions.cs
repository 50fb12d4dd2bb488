using System.CommandLine;
using System.Globalization;
using Firn.Cli.Rendering;
using Firn.Formats.Releases;
using Firn.Images.BlockCaches;
using Firn.Images.Deltas;
using Firn.Publishing.Drafts;
using Firn.Publishing.Releases;
using Firn.Trust.Releases;

namespace Firn.Cli.Commands.Repo;

/// <summary>Packs that a release gets when it is added, from releases that the channel has.</summary>
internal sealed class DeltaOptions
{
    private const string Last = "last:";

    private readonly Option<string[]> _from = new("--delta-from")
    {
        Description = "Make patches from this version of the channel, or from the last K before the release (last:K); several times",
        HelpName = "VERSION|last:K",
    };

    private readonly Option<DirectoryInfo> _cache = new("--cache")
    {
        Description = "Where patches are kept that were made once",
        DefaultValueFactory = _ => new(Path.Combine(CacheDirectory.Default, "packs")),
        HelpName = "DIR",
    };

    private readonly Option<int> _threads = new("--threads") { Description = "Threads that make patches", DefaultValueFactory = _ => Environment.ProcessorCount };

    public void AddTo(Command command)
    {
        command.Add(_from);
        command.Add(_cache);
        command.Add(_threads);
    }

    /// <summary>The release with packs and a manifest that names them. Takes minutes, and does not lock the repository meanwhile.</summary>
    /// <exception cref="InvalidDataException">There is no such version, or it has no index.</exception>
    public ReleaseContent Extend(
        ParseResult parsed, ReleaseContent content, string directory, string channel, RepoOptions options, CancellationToken cancellation)
    {
        if (parsed.GetValue(_from) is not { Length: > 0 } wanted) return content;
        var old = Find(parsed, wanted, content, channel, options);
        var release = new ReleaseOnDisk(ReleaseManifest.Read(content.Manifest), file => Path.Combine(directory, file));
        using var progress = ProgressLine.OnStandardError();
        var made = new ReleaseDeltas(parsed.GetValue(_cache)!.FullName, parsed.GetValue(_threads))
            .Make(release, old, new BuildProgressLine(progress), cancellation);
        progress.Dispose();
        foreach (var report in made.Reports)
            parsed.InvocationConfiguration.Error.WriteLine(
                $"{report.Image} from {report.FromVersion}: {Amount.OfBytes(report.SizeBytes)} of patches {(report.IsKept ? "instead of" : "are not less than")} "
                + $"{Amount.OfBytes(report.FetchBytes)} of blocks{(report.IsKept ? "" : ", so there are none")}");
        return RepoAddCommand.Of(made.Manifest, made.Manifest.ToJson(), file => made.Packs.TryGetValue(file, out var pack) ? pack : release.PathOf(file));
    }

    private static List<ReleaseOnDisk> Find(ParseResult parsed, string[] wanted, ReleaseContent content, string channel, RepoOptions options)
    {
        using var editor = options.Open(parsed);
        var older = ListedRelease.All(editor.Draft)
            .Where(release => release.Channel == channel && release.Terms.Name == content.Name && release.Terms.Hardware == content.Hardware)
            .Where(release => ReleaseOrder.IsNewer(content.Version, release.Terms.Version))
            .OrderByDescending(release => release.Terms.Version, ReleaseOrder.Instance).ToArray();
        var found = wanted.SelectMany(text => Choose(text, older, channel)).Distinct();
        return [.. found.Select(release => Open(release, editor))];
    }

    private static IEnumerable<ListedRelease> Choose(string text, ListedRelease[] older, string channel)
    {
        if (text.StartsWith(Last, StringComparison.Ordinal))
            return int.TryParse(text.AsSpan(Last.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
                ? older.Take(count)
                : throw new InvalidDataException($"--delta-from {text}: expected {Last} and a number");
        return older.FirstOrDefault(release => release.Terms.Version == text) is { } found
            ? [found]
            : throw new InvalidDataException(
                $"--delta-from {text}: {channel} has no such older release{(older.Length == 0 ? "" : $"; there are {string.Join(", ", older.Select(release => release.Terms.Version))}")}");
    }

    private static ReleaseOnDisk Open(ListedRelease release, RepositoryEditor editor)
    {
        var (draft, root) = (editor.Draft, editor.Files.Name);
        var manifest = ReleaseManifest.Read(File.ReadAllBytes(PathOf(ReleaseManifest.FileName)));
        return new(manifest, PathOf);

        string PathOf(string file) => release.PlaceOf(draft, file) is { } place
            ? Path.Combine(root, place)
            : throw new InvalidDataException($"{release.Directory}: lists no {file}");
    }
}
