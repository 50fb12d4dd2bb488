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
    /// Opens a target, beginning with the mirror that the metadata is from. What is read is proven only when the end is
    /// reached: until then it must not be used.
    /// </summary>
    /// <exception cref="IOException">No mirror has it.</exception>
    public Task<Stream> OpenAsync(TrustedTarget target, CancellationToken cancellation) => ResumeAsync(target, Stream.Null, cancellation);

    /// <summary>Whether targets come over a network.</summary>
    public bool IsRemote => Current.Mirror.IsRemote;

    /// <summary>Opens a part of a target. Nothing proves its bytes: the caller must know what they are to be.</summary>
    /// <param name="target">The target.</param>
    /// <param name="offset">Where to begin.</param>
    /// <param name="length">How much will be read; there may be more.</param>
    /// <exception cref="RangesIgnoredException">There are only whole files.</exception>
    /// <exception cref="IOException">No mirror has it.</exception>
    public Task<Stream> OpenRangeAsync(TrustedTarget target, long offset, long length, CancellationToken cancellation)
    {
        var location = target.Location(Current.Metadata.Root.HasConsistentSnapshots);
        return OnAnyMirrorAsync(MirrorsInOrder, async mirror =>
            await mirror.OpenTargetRangeAsync(location, offset, length, cancellation)
            ?? throw new FileNotFoundException($"{mirror.Name}: {location} is not there"));
    }

    private ImmutableArray<ITransport> MirrorsInOrder => [Current.Mirror, .. mirrors.Where(mirror => mirror != Current.Mirror)];

    /// <param name="there">The beginning of the target, which is not fetched again; proven with the rest.</param>
    internal Task<Stream> ResumeAsync(TrustedTarget target, Stream there, CancellationToken cancellation)
    {
        var location = target.Location(Current.Metadata.Root.HasConsistentSnapshots);
        return OnAnyMirrorAsync(MirrorsInOrder, async mirror =>
        {
            var body = await mirror.OpenTargetAsync(location, there.Length, cancellation)
                ?? throw new FileNotFoundException($"{mirror.Name}: {location} is not there");
            var stream = new VerifyingStream(body, target.File, target.Path);
            await stream.SkipAsync(there, cancellation);
            return (Stream)stream;
        });
    }

    private Session Current => _session ?? throw new InvalidOperationException("nothing was refreshed yet");

    private async Task<T> OnAnyMirrorAsync<T>(ImmutableArray<ITransport> mirrors, Func<ITransport, Task<T>> act)
    {
        var failures = new List<Exception>();
        foreach (var mirror in mirrors)
        {
            try
            {
                var result = await act(mirror);
                _problems.AddRange(failures.Select(failure => failure.Message));
                return result;
            }
            catch (Exception error) when (error is TrustException or IOException)
            {
                failures.Add(error);
            }
        }
        ExceptionDispatchInfo.Throw(failures[0]);
        throw failures[0];
    }

    public void Dispose()
    {
        foreach (var mirror in mirrors) mirror.Dispose();
    }
}
