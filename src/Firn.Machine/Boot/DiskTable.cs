using Firn.Formats.Gpt;
using Firn.Linux.Block;

namespace Firn.Machine.Boot;

internal static class DiskTable
{
    /// <exception cref="InvalidDataException">The disk, which is named, has no valid partition table.</exception>
    public static GptTable Read(IBlockDevice disk)
    {
        try
        {
            return GptReader.Read(new BlockDeviceStream(disk));
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{disk.Name}: {error.Message}", error);
        }
    }
}
