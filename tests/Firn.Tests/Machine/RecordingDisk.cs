using Firn.Formats.Gpt;
using Firn.Linux.Block;
using Firn.Machine.Boot;

namespace Firn.Tests.Machine;

/// <summary>A write of a disk, or a flush where there are no bytes.</summary>
internal sealed record DiskOperation(string Partition, long Offset, byte[]? Bytes)
{
    public bool IsFlush => Bytes is null;
}

/// <summary>A disk in memory that remembers every write and flush, and can fail on purpose.</summary>
internal sealed class RecordingDisk(byte[] content, RunningBoot? running = null) : MachineDisk
{
    private readonly GptTable _table = GptReader.Read(new MemoryStream(content));
    private readonly SemaphoreSlim _lock = new(1);

    public byte[] Content { get; } = content;
    public List<DiskOperation> Operations { get; } = [];

    /// <summary>The operation with this number, counted from 0, and all after it fail.</summary>
    public int FailsAt { get; set; } = int.MaxValue;

    /// <summary>What reads bring instead of what was written, as a failing medium does.</summary>
    public Action<string, long, Memory<byte>>? Distort { get; set; }

    public override string Name => "test disk";
    public override RunningBoot? Running => running;
    public override bool HasPartition(string name) => _table.Find(name) is not null;

    public override IBlockDevice OpenPartition(string name, BlockAccess access)
    {
        var partition = _table.Find(name) ?? throw new InvalidDataException($"no partition {name}");
        return new Device(this, name, partition, access);
    }

    protected override IDisposable? TryLock() => _lock.Wait(0, CancellationToken.None) ? new Releaser(_lock) : null;

    private void Do(DiskOperation operation)
    {
        if (Operations.Count >= FailsAt) throw new IOException("the disk is gone");
        Operations.Add(operation);
    }

    private sealed class Releaser(SemaphoreSlim held) : IDisposable
    {
        public void Dispose() => held.Release();
    }

    private sealed class Device(RecordingDisk disk, string name, GptPartition partition, BlockAccess access) : IBlockDevice
    {
        public string Name => name;
        public long SizeBytes => partition.SizeBytes;

        public void Read(long offset, Span<byte> destination)
        {
            var read = disk.Content.AsSpan((int)(partition.OffsetBytes + offset), destination.Length).ToArray();
            disk.Distort?.Invoke(name, offset, read);
            read.CopyTo(destination);
        }

        public void Write(long offset, ReadOnlySpan<byte> source)
        {
            Assert.NotEqual(BlockAccess.ReadOnly, access);
            Assert.InRange(offset, 0, SizeBytes - source.Length);
            disk.Do(new(name, partition.OffsetBytes + offset, source.ToArray()));
            source.CopyTo(disk.Content.AsSpan((int)(partition.OffsetBytes + offset)));
        }

        public void Flush() => disk.Do(new(name, 0, null));
        public void DropCache() => Flush();
        public void Dispose() { }
    }
}
