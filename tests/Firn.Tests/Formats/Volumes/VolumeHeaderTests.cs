using Firn.Formats.Volumes;

namespace Firn.Tests.Formats.Volumes;

/// <summary>Labels and UUIDs as blkid reads them from what mkfs makes.</summary>
public sealed class VolumeHeaderTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("mkfs.ext4 -q -L secrets", "8M")]
    [InlineData("mkfs.ext4 -q", "8M")]
    [InlineData("mkfs.vfat -n STICK", "64M")]
    [InlineData("mkfs.vfat -F 32 -n STICK", "64M")]
    [InlineData("mkfs.vfat -n SMALL", "2M")]
    [InlineData("mkfs.vfat", "2M")]
    [InlineData("mkfs.btrfs -q -L pool", "128M")]
    public void Is_what_blkid_says(string make, string size)
    {
        Shell.Run($"PATH=$PATH:/usr/sbin:/sbin; truncate -s {size} v; {make} v > /dev/null; blkid -p -o export v > said", _scratch.Path);
        var said = File.ReadLines(_scratch.File("said")).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[^1]);

        using var volume = File.OpenRead(_scratch.File("v"));
        var start = new byte[VolumeHeader.Size];
        volume.ReadExactly(start);

        Assert.Equal(new(said["TYPE"], said.GetValueOrDefault("LABEL", ""), said["UUID"]), VolumeHeader.Read(start));
    }

    [Fact]
    public void What_is_none_of_them_is_none()
    {
        Assert.Null(VolumeHeader.Read(new byte[VolumeHeader.Size]));
        Assert.Null(VolumeHeader.Read("short"u8));
    }
}
