using System.Buffers.Binary;
using Firn.Images.Building;

namespace Firn.Images.BootLoaders;

/// <summary>GRUB made for one disk: a program for EFI, and the two pieces that a BIOS starts.</summary>
/// <param name="Efi">The file <c>EFI/BOOT/BOOTX64.EFI</c>.</param>
/// <param name="BiosCore">Content of the BIOS boot partition.</param>
/// <param name="BiosBoot">The first 440 bytes of the disk.</param>
/// <param name="Version">e.g. <c>2.06-13+deb12u2</c>.</param>
internal sealed record GrubImages(byte[] Efi, byte[] BiosCore, byte[] BiosBoot, string Version)
{
    private const string Directory = "/usr/lib/grub";

    /// <summary>Every module is in the image: GRUB reads nothing but its configuration and the slots.</summary>
    private static readonly string[] CommonModules =
    [
        "part_gpt", "fat", "normal", "configfile", "linux", "test", "loadenv", "echo", "sleep", "serial", "terminal",
        "reboot", "halt", "regexp", "probe", "minicmd", "true", "iorw", "memrw", "setpci",
    ];
    private static readonly string[] EfiModules = [.. CommonModules, "efi_gop", "efi_uga", "efifwsetup"];
    private static readonly string[] BiosModules = [.. CommonModules, "biosdisk", "vga", "video_bochs", "vbe"];

    /// <summary>Makes both with <c>grub-mkimage</c>: no device, no mount, no privilege.</summary>
    /// <param name="biosPartitionSector">First sector of the BIOS boot partition.</param>
    /// <param name="workDirectory">For intermediate files.</param>
    /// <exception cref="ToolException">GRUB's tools or modules are not installed.</exception>
    public static GrubImages Make(long biosPartitionSector, string workDirectory)
    {
        var early = Path.Combine(workDirectory, "grub-early.cfg");
        File.WriteAllBytes(early, GrubConfig.Early);
        var efi = MakeImage("x86_64-efi", "grub-efi-amd64-bin", EfiModules, early, workDirectory);
        var core = MakeImage("i386-pc", "grub-pc-bin", BiosModules, early, workDirectory);
        var boot = File.ReadAllBytes(Path.Combine(Directory, "i386-pc", "boot.img"));
        var version = Tool.Run("grub-mkimage", "grub-common", ["--version"]).Trim();
        return new(efi, PlaceCore(core, biosPartitionSector), PlaceBoot(boot, biosPartitionSector), version[(version.LastIndexOf(' ') + 1)..]);
    }

    private static byte[] MakeImage(string format, string package, string[] modules, string early, string workDirectory)
    {
        var absent = modules.Where(module => !File.Exists(Path.Combine(Directory, format, module + ".mod"))).ToArray();
        if (absent.Length > 0)
            throw new ToolException($"GRUB modules for {format} are missing: {string.Join(", ", absent)}; install the package {package}");
        var output = Path.Combine(workDirectory, $"grub-{format}.img");
        Tool.Run("grub-mkimage", "grub-common", ["-O", format, "-p", "(,gpt2)/firn", "-c", early, "-o", output, .. modules]);
        return File.ReadAllBytes(output);
    }

    /// <summary>diskboot.img, core's first sector, is told where the rest of core lies: one sector further.</summary>
    private static byte[] PlaceCore(byte[] core, long firstSector)
    {
        BinaryPrimitives.WriteInt64LittleEndian(core.AsSpan(0x1f4), firstSector + 1);
        return core;
    }

    /// <summary>boot.img is told where core begins, and to trust the drive number the BIOS gives it.</summary>
    private static byte[] PlaceBoot(byte[] boot, long firstSector)
    {
        BinaryPrimitives.WriteInt64LittleEndian(boot.AsSpan(0x5c), firstSector);
        boot[0x64] = 0xff;
        boot[0x66] = boot[0x67] = 0x90;
        return boot[..440];
    }
}
