namespace Firn.Formats.Boot;

/// <summary>
/// The names on a Firn disk that image builder, boot loader, initramfs and agent agree on. A disk made under these
/// names is in the field for years: add, never rename.
/// </summary>
public static class DiskLayout
{
    public const string BiosPartition = "firn-bios";
    public const string EspPartition = "firn-esp";
    public const string DataPartition = "firn-data";

    /// <summary>Directory on the ESP that holds GRUB's configuration and the boot state.</summary>
    public const string EspDirectory = "firn";
    public const string GrubConfig = "firn/grub.cfg";

    /// <summary>The two copies of the boot state, GRUB environment blocks; the first is read unless it is damaged.</summary>
    public const string PrimaryEnvironment = "firn/state1.env";
    public const string BackupEnvironment = "firn/state2.env";

    /// <summary>Files of a boot image.</summary>
    public const string Kernel = "vmlinuz";
    public const string Initramfs = "initrd.img";
    public const string SlotConfig = "slot.cfg";
    public const string SlotRelease = "release.json";

    public static string BootPartition(Slot slot) => $"firn-boot-{Letter(slot)}";
    public static string RootPartition(Slot slot) => $"firn-root-{Letter(slot)}";

    private static char Letter(Slot slot) => slot switch { Slot.A => 'a', Slot.B => 'b', _ => 'r' };
}
