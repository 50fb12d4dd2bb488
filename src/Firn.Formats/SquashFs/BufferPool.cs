using System.Collections.Concurrent;

namespace Firn.Formats.SquashFs;

/// <summary>Buffers of one size that go from hand to hand instead of to the garbage collector.</summary>
internal sealed class BufferPool(int bufferSize)
{
    private readonly ConcurrentBag<byte[]> _free = [];

    public byte[] Rent() => _free.TryTake(out var buffer) ? buffer : new byte[bufferSize];

    public void Return(byte[] buffer) => _free.Add(buffer);
}
