using Firn.Linux;
using Firn.Linux.Block;

namespace Firn.Tests.Linux.Block;

public sealed class BlockDeviceTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void What_is_written_is_read_back_from_the_medium()
    {
        // more than two windows, so that data is pushed out on the way
        var bytes = new byte[BlockDevice.WindowBytes * 5 / 2];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(_path, new byte[bytes.Length + 10]);
        using var device = BlockDevice.Open(_path, BlockAccess.ReadWrite);

        for (var offset = 0; offset < bytes.Length; offset += 1 << 20)
            device.Write(10 + offset, bytes.AsSpan(offset, Math.Min(1 << 20, bytes.Length - offset)));
        device.DropCache();

        var read = new byte[bytes.Length];
        device.Read(10, read);
        Assert.Equal(bytes, read);
        Assert.Equal(bytes, File.ReadAllBytes(_path)[10..]);
    }

    [Fact]
    public void Nothing_is_read_or_written_beyond_the_end()
    {
        File.WriteAllBytes(_path, new byte[100]);
        using var device = BlockDevice.Open(_path, BlockAccess.ReadWrite);

        Assert.Throws<EndOfStreamException>(() => device.Read(99, new byte[2]));
        Assert.Throws<EndOfStreamException>(() => device.Write(100, new byte[1]));
        Assert.Throws<EndOfStreamException>(() => device.Read(-1, new byte[1]));
        Assert.Throws<EndOfStreamException>(() => device.Read(long.MaxValue, new byte[1]));
        Assert.Equal(100, new FileInfo(_path).Length);
    }

    [Fact]
    public void A_device_opened_for_reading_refuses_writes()
    {
        File.WriteAllBytes(_path, new byte[100]);
        using var device = BlockDevice.Open(_path, BlockAccess.ReadOnly);

        Assert.Equal("write", Assert.Throws<ErrnoException>(() => device.Write(0, new byte[1])).Call);
    }

    [Fact]
    public void Something_that_is_no_disk_is_refused()
    {
        Assert.Contains("neither", Assert.Throws<IOException>(() => BlockDevice.Open("/dev/null", BlockAccess.ReadOnly)).Message);
        Assert.Throws<ErrnoException>(() => BlockDevice.Open("/does/not/exist", BlockAccess.ReadOnly));
    }

    [Fact]
    public void A_lock_keeps_others_out_until_it_is_given_back()
    {
        using var second = BlockDevice.Open(_path, BlockAccess.ReadWrite);
        using (var first = BlockDevice.Open(_path, BlockAccess.ReadWrite))
        {
            Assert.True(first.TryLock());
            Assert.False(second.TryLock());
        }

        Assert.True(second.TryLock());
    }

    [Fact]
    public void A_slice_stays_within_its_device_and_itself()
    {
        File.WriteAllBytes(_path, [.. Enumerable.Range(0, 100).Select(i => (byte)i)]);
        using var device = BlockDevice.Open(_path, BlockAccess.ReadWrite);
        var slice = new BlockDeviceSlice(device, "slice", 10, 20);

        slice.Write(5, [1, 2]);
        var read = new byte[20];
        slice.Read(0, read);

        Assert.Equal([14, 1, 2, 17], read[4..8]);
        Assert.Throws<EndOfStreamException>(() => slice.Write(19, [0, 0]));
        Assert.Throws<InvalidDataException>(() => new BlockDeviceSlice(device, "slice", 90, 11));
        Assert.Throws<InvalidDataException>(() => new BlockDeviceSlice(device, "slice", long.MaxValue, 11));
    }

    [Fact]
    public void A_stream_ends_where_its_device_ends()
    {
        File.WriteAllBytes(_path, [1, 2, 3, 4]);
        using var device = BlockDevice.Open(_path, BlockAccess.ReadOnly);
        using var stream = new BlockDeviceStream(device);
        var buffer = new byte[10];

        stream.Position = 2;
        Assert.Equal(2, stream.Read(buffer));
        Assert.Equal([3, 4], buffer[..2]);
        Assert.Equal(0, stream.Read(buffer));
        stream.Position = 1000;
        Assert.Equal(0, stream.Read(buffer));
    }
}
