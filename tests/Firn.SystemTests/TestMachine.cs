using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>
/// The machines of our tests: little memory, and the patience that the environment asks for. Where it does not matter what starts
/// GRUB, a BIOS runs a boot sector sooner, and EFI a whole image: after a reset GRUB needs 11 s for a kernel by an emulated BIOS, 3 s by EFI.
/// </summary>
internal static class TestMachine
{
    public static VirtualMachineOptions WithBootSector(string disk) => Of(disk, 64 << 20);

    public static VirtualMachineOptions WithLinux() => Of(LinuxDisk.Path, 256 << 20);

    public static VirtualMachineOptions WithImage(string disk) => Of(disk, 512 << 20) with { Firmware = FirmwareKind.Efi };

    private static VirtualMachineOptions Of(string disk, long memoryBytes) => new(disk)
    {
        Firmware = FirmwareKind.Bios,
        MemoryBytes = memoryBytes,
        TimeScale = TimeScale.Parse(Environment.GetEnvironmentVariable(TimeScale.Variable))
            ?? throw new InvalidOperationException($"{TimeScale.Variable} is wrong"),
    };
}
