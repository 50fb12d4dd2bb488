using Firn.Linux.Files;
using Firn.Trust.Metadata;

namespace Firn.Trust.Client;

/// <summary>
/// The bytes of a target. They are what was meant only when the end was reached without an exception; reading stops at the
/// signed size.
/// </summary>
/// <param name="body">Disposed with this.</param>
/// <param name="file">What they must be.</param>
/// <param name="subject">For messages.</param>
/// <param name="onWrong">Called before it is said that they are not.</param>
internal sealed class VerifyingStream(Stream body, TargetFile file, string subject, Action? onWrong = null) : ForwardStream
{
    private readonly HashCheck _hashes = new(file.Hashes);
    private long _count;
    private bool _isChecked;

    public override long Length => file.SizeBytes;
    public override long Position { get => _count; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await ReadCheckedAsync(buffer, cancellationToken);
        }
        catch (TrustException)
        {
            onWrong?.Invoke();
            throw;
        }
    }

    private async ValueTask<int> ReadCheckedAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty || _isChecked) return 0;
        var rest = file.SizeBytes - _count;
        if (rest == 0) return await EndAsync(cancellationToken);
        var count = await body.ReadAsync(buffer[..(int)Math.Min(buffer.Length, rest)], cancellationToken);
        if (count == 0)
            throw new TrustException(TrustFailure.WrongLength, subject, $"ends after {_count} of {file.SizeBytes} bytes");
        _hashes.Append(buffer.Span[..count]);
        _count += count;
        return count;
    }

    private async Task<int> EndAsync(CancellationToken cancellation)
    {
        if (await body.ReadAsync(new byte[1], cancellation) > 0)
            throw new TrustException(TrustFailure.WrongLength, subject, $"goes on after its {file.SizeBytes} bytes");
        _hashes.Require(subject);
        _isChecked = true;
        return 0;
    }

    /// <summary>Takes in the beginning of the target, which is there already.</summary>
    internal async Task SkipAsync(Stream there, CancellationToken cancellation)
    {
        var buffer = new byte[128 << 10];
        there.Position = 0;
        for (int read; (read = await there.ReadAsync(buffer, cancellation)) > 0; _count += read) _hashes.Append(buffer.AsSpan(0, read));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
            _hashes.Dispose();
        }
        base.Dispose(disposing);
    }
}
