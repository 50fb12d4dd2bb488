using Firn.Linux.Files;

namespace Firn.Trust.Transports;

/// <summary>The body of an answer, read under a <see cref="StallGuard"/>.</summary>
internal sealed class GuardedStream(Stream body, StallGuard guard, HttpResponseMessage response) : ForwardStream
{
    /// <summary>The guard knows the caller's token already.</summary>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await guard.WaitAsync(token => body.ReadAsync(buffer, token).AsTask());
        guard.Received(count);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
            response.Dispose();
            guard.Dispose();
        }
        base.Dispose(disposing);
    }
}
