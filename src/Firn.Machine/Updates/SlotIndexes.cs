using Firn.Formats.Fat;
using Firn.Formats.Payloads;
using Firn.Formats.Releases;
using Firn.Formats.SquashFs;
using Firn.Linux.Block;
using Firn.Linux.Compression;
using Firn.Linux.Files;
using Firn.Machine.Boot;

namespace Firn.Machine.Updates;

/// <summary>
/// Block indexes of images on this machine: kept from when they were installed, else made anew by reading the image. They may
/// be lost or wrong at no cost but time and bytes, since whatever is copied by them is hashed.
/// </summary>
/// <param name="directory">Where they are kept; null for nowhere.</param>
internal sealed class SlotIndexes(string? directory)
{
    private const int MostKept = 6;
    private const long LargestBytes = 64 << 20;

    /// <summary>A root image; null if it cannot be read.</summary>
    public OldSlotImage? OfRoot(IBlockDevice root, SlotRelease release)
    {
        var content = new DeviceContent(root, release.RootSizeBytes);
        return Of(root, release.RootSha256, () => BlockIndex.Of(
            content, BlockCuts.OfSquashFs(SquashFsReader.Open(content, () => new ZstdDecompressor().Decompress))));
    }

    /// <summary>A boot image, which nothing says the hash of, but which is small; null if it cannot be read.</summary>
    public OldSlotImage? OfBoot(IBlockDevice boot, CancellationToken cancellation) => Make(() =>
    {
        var stream = new BlockDeviceStream(boot);
        var sizeBytes = new FatReader(stream).SizeBytes;
        return Of(boot, DeviceHash.Sha256(boot, sizeBytes, null, cancellation), () =>
            BlockIndex.Of(new DeviceContent(boot, sizeBytes), BlockCuts.OfFat(stream)));
    });

    private OldSlotImage? Of(IBlockDevice device, string sha256, Func<BlockIndex> read)
    {
        if (Kept(sha256) is { } kept) return new(sha256, kept, device);
        if (Make(read) is not { } index) return null;
        Keep(sha256, index.ToBytes());
        return new(sha256, index, device);
    }

    /// <summary>Keeps one for later. A data partition that is full or broken does not matter.</summary>
    public void Keep(string sha256, ReadOnlySpan<byte> index)
    {
        if (directory is null) return;
        try
        {
            DurableFile.Replace(FileOf(sha256), index);
            foreach (var old in new DirectoryInfo(directory).GetFiles("*.idx").OrderByDescending(file => file.LastWriteTimeUtc).Skip(MostKept)) old.Delete();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // it will be made anew
        }
    }

    private BlockIndex? Kept(string sha256)
    {
        if (directory is null || !File.Exists(FileOf(sha256)) || new FileInfo(FileOf(sha256)).Length > LargestBytes) return null;
        return Make(() => BlockIndex.Read(File.ReadAllBytes(FileOf(sha256))));
    }

    private string FileOf(string sha256) => Path.Combine(directory!, $"{sha256}.idx");

    private static T? Make<T>(Func<T?> make) where T : class
    {
        try
        {
            return make();
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
