using System.Security.Cryptography;
using Firn.Linux.Block;
using Firn.Linux.Memory;

namespace Firn.Machine.Updates;

/// <summary>
/// Reads back what is written to a device and hashes it: behind the writer where reads come from the medium, else when all is
/// written. The medium's answer counts, not the memory's.
/// </summary>
internal sealed class ReadBack : IDisposable
{
    private readonly IBlockDevice _device;
    private readonly long _sizeBytes;
    private readonly int _chunkBytes;
    private readonly CancellationTokenSource _end;
    private readonly object _changed = new();
    private readonly Task<string> _hashing;
    private IProgress<long>? _progress;
    private long _written;

    /// <summary>Of what was read, once it is finished.</summary>
    public WordSum Sum { get; } = new();

    public ReadBack(IBlockDevice device, long sizeBytes, int chunkBytes, CancellationToken cancellation)
    {
        (_device, _sizeBytes, _chunkBytes) = (device, sizeBytes, chunkBytes);
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _end.Token.Register(Wake);
        _hashing = Task.Factory.StartNew(Hash, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>All before <paramref name="end"/> is written.</summary>
    public void Advance(long end)
    {
        if (!_device.ReadsMedium) return;
        lock (_changed)
        {
            _written = end;
            Monitor.PulseAll(_changed);
        }
    }

    /// <summary>Flushes, and reads the rest.</summary>
    /// <returns>SHA-256 of the whole image, in lower-case hexadecimal.</returns>
    public string Finish(IProgress<long>? progress)
    {
        // reads that bypass the cache need no more than what is flushed at the end anyway
        if (_device.ReadsMedium) _device.Flush();
        else _device.DropCache();
        lock (_changed)
        {
            (_progress, _written) = (progress, _sizeBytes);
            Monitor.PulseAll(_changed);
        }
        return _hashing.GetAwaiter().GetResult();
    }

    private string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var buffer = MappedMemory.Allocate(_chunkBytes);
        for (long offset = 0; offset < _sizeBytes;)
        {
            var part = buffer.Memory.Span[..(int)Math.Min(_chunkBytes, _sizeBytes - offset)];
            Await(offset + part.Length);
            _device.Read(offset, part);
            hash.AppendData(part);
            Sum.Add(part);
            offset += part.Length;
            _progress?.Report(offset);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private void Await(long end)
    {
        lock (_changed)
            while (_written < end && !_end.IsCancellationRequested) Monitor.Wait(_changed);
        _end.Token.ThrowIfCancellationRequested();
    }

    private void Wake()
    {
        lock (_changed) Monitor.PulseAll(_changed);
    }

    public void Dispose()
    {
        _end.Cancel();
        // its end, whatever it is, has been told or does not matter any more; but nothing reads the device after this
        _hashing.ContinueWith(_ => { }, TaskScheduler.Default).Wait(CancellationToken.None);
        _end.Dispose();
    }
}
