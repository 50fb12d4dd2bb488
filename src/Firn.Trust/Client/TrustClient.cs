using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Firn.Trust.Metadata;
using Firn.Trust.Transports;

namespace Firn.Trust.Client;

/// <summary>
/// Reads a repository and believes of it only what is signed as this machine was told to expect. Mirrors are asked in turn:
/// one that is down, behind, or forged only costs time.
/// </summary>
/// <param name="store">What was believed before, beginning with a root.</param>
/// <param name="mirrors">Where the repository is to be had, in order of preference; disposed with this.</param>
/// <param name="clock">For expiry.</param>
/// <param name="limits">How much is read at most.</param>
public sealed class TrustClient(
    TrustStore store, ImmutableArray<ITransport> mirrors, TimeProvider clock, TrustLimits? limits = null) : IDisposable
{
    private readonly TrustLimits _limits = limits ?? new();
    private readonly List<string> _problems = [];
    private readonly HashSet<ITransport> _suspects = [];
    private int _suspectsBefore;
    private Session? _session;

    /// <summary>What mirrors did wrong where another one helped out.</summary>
    public ImmutableArray<string> Problems => [.. _problems];

    private sealed record Session(TrustedMetadata Metadata, TargetsLoader Loader, ITransport Mirror);

    /// <summary>Brings the top-level roles up to date. Later answers are about what this found.</summary>
    /// <exception cref="TrustException">No mirror has metadata to be believed; what the first of them did wrong.</exception>
    /// <exception cref="IOException">No mirror can be reached; what the first of them did.</exception>
    public async Task<TrustedMetadata> RefreshAsync(RefreshOptions options, CancellationToken cancellation)
    {
        var started = clock.GetUtcNow();
        _session = await OnAnyMirrorAsync(mirrors, async mirror =>
        {
            var source = new MetadataSource(mirror, _limits);
            var found = await new MetadataRefresh(store, source, _limits, options, started).RunAsync(cancellation);
            return new Session(found, new(store, source, found.Root, found.Snapshot, started), mirror);
        });
        return _session.Metadata;
    }

    /// <returns>Null if nobody who may speak for it lists it.</returns>
    /// <exception cref="TrustException">A role on the way to it is not to be believed.</exception>
    public Task<TrustedTarget?> FindAsync(string path, CancellationToken cancellation) =>
        new TargetSearch(Current.Loader, Current.Metadata.Root, _limits).FindAsync(path, cancellation);

    /// <summary>As <see cref="FindAsync"/>, for what must be there.</summary>
    public async Task<TrustedTarget> RequireAsync(string path, CancellationToken cancellation) =>
        await FindAsync(path, cancellation)
        ?? throw new TrustException(TrustFailure.UnknownTarget, path, "no role that may speak for it lists it");

    /// <summary>The metadata of a role that top-level targets delegates to; null if it does not.</summary>
    /// <exception cref="TrustException">It is not to be believed.</exception>
    public async Task<TargetsMetadata?> FindRoleAsync(string role, CancellationToken cancellation)
    {
        var delegations = Current.Metadata.Targets.Delegations;
        return delegations?.Roles.FirstOrDefault(entry => entry.Name == role) is { } delegated
            ? await Current.Loader.LoadAsync(role, delegated.Keys, delegations.Keys, RoleNames.Targets, cancellation)
            : null;
    }

    /// <summary>
    /// Opens a target, beginning with the mirror that the metadata is from; where that breaks off, the next one goes on. What
    /// is read is proven only when the end is reached: until then it must not be used.
    /// </summary>
    /// <exception cref="IOException">No mirror has it.</exception>
    public Task<Stream> OpenAsync(TrustedTarget target, CancellationToken cancellation) => ResumeAsync(target, Stream.Null, cancellation);

    /// <param name="there">The beginning of the target, which is not fetched again; proven with the rest.</param>
    internal async Task<Stream> ResumeAsync(TrustedTarget target, Stream there, CancellationToken cancellation)
    {
        var location = target.Location(Current.Metadata.Root.HasConsistentSnapshots);
        ImmutableArray<ITransport> order = [Current.Mirror, .. mirrors.Where(mirror => mirror != Current.Mirror)];
        order = [.. order.Where(mirror => !_suspects.Contains(mirror)), .. order.Where(mirror => _suspects.Contains(mirror))];
        var body = new MirroredStream(location, there.Length, target.File.SizeBytes, order, _problems.Add);
        await body.OpenAsync(cancellation);
        var stream = new VerifyingStream(body, target.File, target.Path, () => Suspect(body.Used, target.Path));
        await stream.SkipAsync(there, cancellation);
        return stream;
    }

    private void Suspect(IEnumerable<ITransport> used, string path)
    {
        foreach (var mirror in used)
            if (_suspects.Add(mirror)) _problems.Add($"{mirror.Name}: what came of {path} from there is not what is signed");
    }

    /// <summary>
    /// Whether to open a target again may help, after reading it has failed: its bytes were wrong, and there are mirrors that
    /// have sent nothing wrong so far. Those come first then. Each failure is an answer once.
    /// </summary>
    public bool TurnToOtherMirrors()
    {
        var isNew = _suspects.Count > _suspectsBefore;
        _suspectsBefore = _suspects.Count;
        return isNew && _suspects.Count < mirrors.Length;
    }

    private Session Current => _session ?? throw new InvalidOperationException("nothing was refreshed yet");

    private async Task<T> OnAnyMirrorAsync<T>(ImmutableArray<ITransport> mirrors, Func<ITransport, Task<T>> act)
    {
        Exception? first = null;
        var failures = new List<string>();
        foreach (var mirror in mirrors)
        {
            try
            {
                var result = await act(mirror);
                _problems.AddRange(failures);
                return result;
            }
            catch (Exception error) when (error is TrustException or IOException)
            {
                first ??= error;
                failures.Add(Describe(mirror, error));
            }
        }
        ExceptionDispatchInfo.Throw(first!);
        throw first!;
    }

    /// <summary>What could not be fetched is told by its address; what is wrong with metadata, by its role alone.</summary>
    private static string Describe(ITransport mirror, Exception error) => error is TrustException ? $"{mirror.Name}: {error.Message}" : error.Message;

    public void Dispose()
    {
        foreach (var mirror in mirrors) mirror.Dispose();
    }
}
