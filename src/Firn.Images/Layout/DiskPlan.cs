using System.Collections.Immutable;
using Firn.Formats.Boot;
using Firn.Formats.Gpt;

namespace Firn.Images.Layout;

/// <summary>Sizes of the partitions of a disk, in bytes; rounded up to 1 MiB when planned.</summary>
/// <param name="Esp">EFI system partition.</param>
/// <param name="BootSlot">Room for the boot image of slots a and b.</param>
/// <param name="RootSlot">Room for the root image of slots a and b.</param>
/// <param name="RescueBoot">Room for the rescue slot's boot image, or null without a rescue slot.</param>
/// <param name="RescueRoot">Room for the rescue slot's root image; null exactly when <paramref name="RescueBoot"/> is.</param>
/// <param name="Data">The data partition as the image has it; a machine grows it to the end of its disk.</param>
/// <param name="Disk">Size of the whole disk image; null for as large as its partitions need.</param>
internal sealed record DiskSizes(
    long Esp, long BootSlot, long RootSlot, long? RescueBoot, long? RescueRoot, long Data, long? Disk = null);

/// <summary>Where everything lies on a disk. Partition numbers are part of the contract with GRUB's configuration.</summary>
internal sealed record DiskPlan(GptTable Table, long SizeBytes)
{
    public const int BiosNumber = 1, EspNumber = 2, BootA = 3, RootA = 4, BootB = 5, RootB = 6, BootRescue = 7, RootRescue = 8;

    private const long Alignment = 1 << 20;

    /// <summary>Bit 60 of a partition's attributes: read-only (systemd's Discoverable Partitions Specification).</summary>
    private const ulong ReadOnly = 1UL << 60;

    /// <param name="identity">Makes a GUID of a name; the same plan with the same identity is the same disk.</param>
    /// <exception cref="InvalidDataException">The disk is smaller than its partitions.</exception>
    public static DiskPlan Create(DiskSizes sizes, Func<string, Guid> identity)
    {
        var partitions = ImmutableArray.CreateBuilder<GptPartition>();
        var next = Alignment;
        Add(BiosNumber, DiskLayout.BiosPartition, GptTypes.BiosBoot, Alignment);
        Add(EspNumber, DiskLayout.EspPartition, GptTypes.Esp, sizes.Esp);
        AddSlot(BootA, Slot.A, sizes.BootSlot, sizes.RootSlot);
        AddSlot(BootB, Slot.B, sizes.BootSlot, sizes.RootSlot);
        if (sizes is { RescueBoot: { } rescueBoot, RescueRoot: { } rescueRoot })
            AddSlot(BootRescue, Slot.Rescue, rescueBoot, rescueRoot);
        Add(partitions.Count + 1, DiskLayout.DataPartition, GptTypes.LinuxData, sizes.Data);

        var needed = next + Alignment;    // the backup table lies in the last 33 sectors
        var disk = RoundUp(sizes.Disk ?? needed);
        if (disk < needed)
            throw new InvalidDataException(
                $"a disk of {disk >> 20} MiB is too small: its partitions need {needed >> 20} MiB");
        return new(new(identity("disk"), disk / GptTable.SectorBytes, partitions.ToImmutable()), disk);

        void AddSlot(int firstNumber, Slot slot, long bootBytes, long rootBytes)
        {
            Add(firstNumber, DiskLayout.BootPartition(slot), GptTypes.LinuxData, bootBytes, ReadOnly);
            Add(firstNumber + 1, DiskLayout.RootPartition(slot), GptTypes.LinuxRootX64, rootBytes, ReadOnly);
        }

        void Add(int number, string name, Guid type, long sizeBytes, ulong attributes = 0)
        {
            var end = next + RoundUp(sizeBytes);
            partitions.Add(new(
                number, name, type, identity(name), next / GptTable.SectorBytes, end / GptTable.SectorBytes - 1, attributes));
            next = end;
        }
    }

    public GptPartition this[string name] => Table.Find(name) ?? throw new ArgumentException($"no partition {name}", nameof(name));

    /// <summary>Room for an image that will be replaced by newer and larger ones.</summary>
    public static long SlotFor(long imageBytes) => RoundUp(Math.Max(imageBytes + imageBytes / 2, imageBytes + (64 << 20)));

    private static long RoundUp(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;
}
