using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>The machines of our tests: BIOS, little memory, and the patience that the environment asks for.</summary>
internal static class TestMachine
{
    public static VirtualMachineOptions WithBootSector(string disk) => Of(disk, 64 << 20);

    public static VirtualMachineOptions WithLinux() => Of(LinuxDisk.Path, 256 << 20);

    public static VirtualMachineOptions WithImage(string disk) => Of(disk, 512 << 20);

    private static VirtualMachineOptions Of(string disk, long memoryBytes) => new(disk)
    {
        Firmware = FirmwareKind.Bios,
        MemoryBytes = memoryBytes,
        TimeScale = TimeScale.Parse(Environment.GetEnvironmentVariable(TimeScale.Variable))
            ?? throw new InvalidOperationException($"{TimeScale.Variable} is wrong"),
    };
}
