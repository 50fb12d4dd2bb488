using Firn.Formats.Boot;
using Firn.Formats.Fat;
using Firn.Formats.Grub;
using Firn.Linux.Block;

namespace Firn.Machine.Boot;

/// <summary>
/// The boot state in two GRUB environment blocks on the ESP. They are files, because GRUB writes only to files, but here
/// they are rewritten in place through the partition: a filesystem would not survive a power cut at the wrong moment.
/// </summary>
public sealed class GrubBootLoader(MachineDisk disk) : IBootLoader
{
    private const int SectorBytes = 512;

    public BootState Read()
    {
        using var esp = disk.OpenPartition(DiskLayout.EspPartition, BlockAccess.ReadOnly);
        var (primary, backup) = ReadCopies(esp);
        return primary.State ?? backup.State ?? throw new InvalidDataException(
            $"{esp.Name}: no copy of the boot state can be read ({primary.Problem}; {backup.Problem}); "
            + "'firn boot set a' or 'firn boot set b' writes it anew");
    }

    public void Write(BootState state)
    {
        using var esp = disk.OpenPartition(DiskLayout.EspPartition, BlockAccess.ReadWrite);
        var (primary, backup) = ReadCopies(esp);
        foreach (var copy in new[] { primary, backup })
            if (copy.Offset is null) throw new InvalidDataException($"{esp.Name}: the boot state cannot be written: {copy.Problem}");
        var block = new GrubEnvironment(state.ToVariables()).ToBytes();

        // GRUB counts down in the primary alone: bring the backup up to date first, so that a torn write of the primary
        // leads to the state of a moment ago and not to an older one
        if (primary.State is not null && !primary.Block.AsSpan().SequenceEqual(block)) Replace(esp, backup, primary.Block);
        Replace(esp, primary, block);
        Replace(esp, backup, block);
    }

    private static void Replace(IBlockDevice esp, Copy copy, byte[] block)
    {
        if (copy.Block.AsSpan().SequenceEqual(block)) return;
        esp.Write(copy.Offset!.Value, block);
        esp.Flush();
        block.CopyTo(copy.Block.AsSpan());
    }

    private static (Copy Primary, Copy Backup) ReadCopies(IBlockDevice esp)
    {
        var fat = new FatReader(new BlockDeviceStream(esp));
        return (ReadCopy(esp, fat, DiskLayout.PrimaryEnvironment), ReadCopy(esp, fat, DiskLayout.BackupEnvironment));
    }

    private static Copy ReadCopy(IBlockDevice esp, FatReader fat, string path)
    {
        long? offset = null;
        var block = new byte[GrubEnvironment.Size];
        try
        {
            offset = Locate(fat, path);
            esp.Read(offset.Value, block);
            return new(offset, block, BootState.FromVariables(GrubEnvironment.Read(block).Values), null);
        }
        catch (InvalidDataException error)
        {
            return new(offset, block, null, $"{path}: {error.Message}");
        }
    }

    private static long Locate(FatReader fat, string path)
    {
        var entry = fat.Find(path) ?? throw new InvalidDataException("missing");
        return fat.Extents(entry) is [var extent, ..] && entry.SizeBytes == GrubEnvironment.Size
            && extent.LengthBytes >= GrubEnvironment.Size && extent.OffsetBytes % SectorBytes == 0
            ? extent.OffsetBytes
            : throw new InvalidDataException($"not {GrubEnvironment.Size} bytes in one piece");
    }

    /// <param name="Offset">On the partition; null if the file cannot be found, and then it cannot be written either.</param>
    /// <param name="Block">What is there.</param>
    /// <param name="State">What it says, if it is valid.</param>
    /// <param name="Problem">Why it is not.</param>
    private sealed record Copy(long? Offset, byte[] Block, BootState? State, string? Problem);
}
