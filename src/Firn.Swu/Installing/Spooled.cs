using Firn.Linux.Block;
using Firn.Linux.Files;

namespace Firn.Swu.Installing;

/// <summary>Bytes that must be read back and forth, in a file without a name: it is gone with this process.</summary>
public static class Spooled
{
    /// <summary>What is left for everybody else on a filesystem.</summary>
    private const long SpareBytes = 64 << 20;

    /// <param name="source">Read to its end, and disposed.</param>
    /// <param name="name">For messages.</param>
    /// <param name="directory">On whose filesystem the file is; made if need be.</param>
    /// <param name="limitBytes">What it may have; null for what the filesystem can spare.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InvalidDataException">There is more than that.</exception>
    /// <exception cref="IOException">It cannot be read or kept.</exception>
    public static async Task<IBlockDevice> OfAsync(Stream source, string name, string directory, long? limitBytes, CancellationToken cancellation)
    {
        await using var from = source;
        Directory.CreateDirectory(directory);
        var limit = limitBytes ?? Math.Max(0, new DriveInfo(Path.GetFullPath(directory)).AvailableFreeSpace - SpareBytes);
        using var file = NewFile.Create(Path.Combine(directory, "swu"));
        var buffer = new byte[Payloads.BufferBytes];
        long total = 0;
        for (int count; (count = await from.ReadAsync(buffer, cancellation)) > 0; file.Stream.Write(buffer, 0, count))
        {
            if ((total += count) > limit) throw new InvalidDataException($"{name} has more than the {limit} bytes there is room for");
        }
        var device = BlockDevice.Open($"/proc/self/fd/{file.Stream.SafeFileHandle.DangerousGetHandle()}", BlockAccess.ReadOnly);
        return new BlockDeviceSlice(device, name, 0, total, ownsDevice: true);
    }

    /// <inheritdoc cref="OfAsync"/>
    internal static IBlockDevice Of(Stream source, string name, string directory, long? limitBytes, CancellationToken cancellation) =>
        OfAsync(source, name, directory, limitBytes, cancellation).GetAwaiter().GetResult();
}
