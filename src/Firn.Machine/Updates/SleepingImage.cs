using System.Buffers.Binary;
using System.Numerics;
using Firn.Linux.Block;
using Firn.Linux.Memory;

namespace Firn.Machine.Updates;

/// <summary>
/// A boot image that no boot loader can read: all bits of its first sector are inverted. That is one sector, which a disk
/// writes whole or not at all, so a slot is asleep or awake and never between; and it loses nothing, so a slot can be filled
/// today and woken next week. Decision 0050.
/// </summary>
internal static class SleepingImage
{
    public const int SectorBytes = 512;

    /// <summary>Written at once: the page that the sector is in, so that large sectors are written whole, too.</summary>
    private const int PageBytes = DirectAlignment.Bytes;

    private const int BytesPerSectorOffset = 11;    // FAT specification 1.03, BPB_BytsPerSec

    /// <summary>As GRUB asks: without a sector size of at least 512 there is no FAT. Inverted, no such size is one.</summary>
    public static bool IsAwake(ReadOnlySpan<byte> sector) =>
        BinaryPrimitives.ReadUInt16LittleEndian(sector[BytesPerSectorOffset..]) is >= SectorBytes and var size && BitOperations.IsPow2(size);

    /// <summary>For messages: whether it could be woken.</summary>
    public static bool IsAsleep(IBlockDevice boot)
    {
        var sector = new byte[SectorBytes];
        boot.Read(0, sector);
        if (IsAwake(sector)) return false;
        Invert(sector);
        return IsAwake(sector);
    }

    public static void Invert(Span<byte> sector)
    {
        foreach (ref var value in sector[..SectorBytes]) value = (byte)~value;
    }

    /// <summary>From here on until <see cref="Wake"/> nothing can boot from it. Returns when that is on the medium.</summary>
    public static void PutToSleep(IBlockDevice boot)
    {
        var page = ReadPage(boot);
        if (IsAwake(page))
        {
            Invert(page);
            boot.Write(0, page);
        }
        boot.Flush();
    }

    /// <summary>Makes it one that boots: the last write of an installation before the boot state. Returns when that is on the medium.</summary>
    /// <exception cref="IOException">The medium did not keep it.</exception>
    public static void Wake(IBlockDevice boot)
    {
        var page = ReadPage(boot);
        if (!IsAwake(page))
        {
            Invert(page);
            boot.Write(0, page);
        }
        boot.DropCache();
        if (!ReadPage(boot).AsSpan().SequenceEqual(page))
            throw new IOException($"{boot.Name}: other bytes were read back than were written; the medium is failing");
    }

    private static byte[] ReadPage(IBlockDevice boot)
    {
        var page = new byte[PageBytes];
        boot.Read(0, page);
        return page;
    }

    /// <summary>A boot image as it is when it is awake, whichever it is; what is written is written asleep.</summary>
    public static IBlockDevice View(IBlockDevice boot) => new AwakeView(boot);

    private sealed class AwakeView(IBlockDevice boot) : IBlockDevice
    {
        public string Name => boot.Name;
        public long SizeBytes => boot.SizeBytes;
        public bool ReadsMedium => boot.ReadsMedium;

        public void Read(long offset, Span<byte> destination)
        {
            boot.Read(offset, destination);
            if (offset >= SectorBytes || destination.IsEmpty) return;
            var sector = new byte[SectorBytes];
            boot.Read(0, sector);
            if (IsAwake(sector)) return;
            Invert(sector);
            var inFirst = destination[..(int)Math.Min(destination.Length, SectorBytes - offset)];
            sector.AsSpan((int)offset, inFirst.Length).CopyTo(inFirst);
        }

        public void Write(long offset, ReadOnlySpan<byte> source)
        {
            if (offset >= SectorBytes || source.IsEmpty)
            {
                boot.Write(offset, source);
                return;
            }
            if (offset != 0 || source.Length < SectorBytes) throw new ArgumentException("the first sector is written whole", nameof(offset));
            using var copy = MappedMemory.Allocate(source.Length);
            var asleep = copy.Memory.Span;
            source.CopyTo(asleep);
            if (IsAwake(asleep)) Invert(asleep);
            boot.Write(0, asleep);
        }

        public void Flush() => boot.Flush();
        public void DropCache() => boot.DropCache();
        public void Dispose() { }
    }
}
