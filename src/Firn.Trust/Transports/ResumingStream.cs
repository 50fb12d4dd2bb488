using Firn.Linux.Files;

namespace Firn.Trust.Transports;

/// <summary>A transfer that goes on where it broke off, as long as each attempt brings it further.</summary>
/// <param name="body">What is read first.</param>
/// <param name="offset">Where in the file that begins.</param>
/// <param name="progressBytes">Less than this is no progress: a byte for each attempt would never end.</param>
/// <param name="open">Opens the file again, from an offset on.</param>
internal sealed class ResumingStream(Stream body, long offset, int progressBytes, Func<long, Task<HttpFile>> open) : ForwardStream
{
    private const int MaximumAttempts = 5;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private Stream _body = body;
    private long _offset = offset;
    private long _mark = offset + progressBytes;
    private int _failedAttempts;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var count = await _body.ReadAsync(buffer, cancellationToken);
                _offset += count;
                if (_offset >= _mark) (_mark, _failedAttempts) = (_offset + progressBytes, 0);
                return count;
            }
            catch (IOException) when (_failedAttempts < MaximumAttempts)
            {
                await ReopenAsync(cancellationToken);
            }
        }
    }

    private async Task ReopenAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(FirstPause * Math.Pow(2, _failedAttempts++), cancellation);
            try
            {
                var file = await open(_offset);
                await _body.DisposeAsync();
                _body = file.Body;
                return;
            }
            catch (IOException) when (_failedAttempts < MaximumAttempts)
            {
                // the next attempt waits longer
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _body.Dispose();
        base.Dispose(disposing);
    }
}
