using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Firn.Linux.Files;
using Firn.Trust.Transports;

namespace Firn.Trust.Client;

/// <summary>
/// The bytes of a target from one mirror, and from the next where that breaks off or ends too early. Nothing that comes has
/// been checked.
/// </summary>
/// <param name="location">Below the repository's targets.</param>
/// <param name="offset">Where in the target to begin.</param>
/// <param name="sizeBytes">Of the whole target.</param>
/// <param name="mirrors">In order of preference.</param>
/// <param name="report">Told what mirrors did wrong where another one helped out.</param>
internal sealed class MirroredStream(
    string location, long offset, long sizeBytes, ImmutableArray<ITransport> mirrors, Action<string> report) : ForwardStream
{
    /// <summary>Less than this does not make up for a failure: a byte from each mirror in turn would never end.</summary>
    private const int ProgressBytes = 64 << 10;

    private readonly HashSet<ITransport> _used = [];
    private readonly List<Exception> _failures = [];
    private Stream _body = Null;
    private long _offset = offset, _mark = offset + ProgressBytes;
    private int _next;

    /// <summary>Where the bytes were from.</summary>
    public IReadOnlyCollection<ITransport> Used => _used;

    public override long Length => sizeBytes;
    public override long Position { get => _offset; set => throw new NotSupportedException(); }

    /// <exception cref="IOException">All mirrors have failed since the last progress; what the first of them did.</exception>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        while (_failures.Count < mirrors.Length)
        {
            var mirror = mirrors[_next++ % mirrors.Length];
            try
            {
                _body = await mirror.OpenTargetAsync(location, _offset, cancellation)
                    ?? throw new FileNotFoundException($"{mirror.Name}: {location} is not there");
                _used.Add(mirror);
                if (_failures.Count > 0) report(_failures[^1].Message);
                return;
            }
            catch (Exception error) when (error is IOException or TrustException)
            {
                _failures.Add(error);
            }
        }
        ExceptionDispatchInfo.Throw(_failures[0]);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var count = await _body.ReadAsync(buffer, cancellationToken);
                var isShort = count == 0 && _offset < sizeBytes && !buffer.IsEmpty;
                // with no other mirror left it is as short as it is, and whoever verifies says so
                if (isShort && _failures.Count + 1 < mirrors.Length)
                    throw new EndOfStreamException($"{mirrors[(_next - 1) % mirrors.Length].Name}: {location} ends after {_offset} of {sizeBytes} bytes");
                _offset += count;
                if (_offset >= _mark) Forgive();
                return count;
            }
            catch (IOException error)
            {
                _failures.Add(error);
                await _body.DisposeAsync();
                await OpenAsync(cancellationToken);
            }
        }
    }

    private void Forgive()
    {
        _mark = _offset + ProgressBytes;
        _failures.Clear();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _body.Dispose();
        base.Dispose(disposing);
    }
}
