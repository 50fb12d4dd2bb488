using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>What a new kernel can do wrong, on a machine with a BIOS; each ends on the old version, which says why.</summary>
public sealed class FailedKernelFallsBack
{
    [Fact, Trait("When", "Night")]
    public void The_first_boot_and_an_update_work_with_a_BIOS_too()
    {
        TestImages.TinyRelease("2");
        Story.Passes("first-boot", TestImages.Tiny, FirmwareKind.Bios);
        Story.Passes("update-confirmed", TestImages.Tiny, FirmwareKind.Bios);
    }

    [Fact]
    public void A_kernel_that_GRUB_cannot_load()
    {
        TestImages.TinyRelease("2");
        TestImages.DamageKernel("2", "kernel-not-loadable", kernel => kernel[..4096].Clear());
        Story.Passes("kernel-not-loadable", TestImages.Tiny, FirmwareKind.Bios);
    }

    [Fact, Trait("When", "Night")]
    public void A_kernel_that_hangs_before_its_first_word()
    {
        TestImages.TinyRelease("2-watchdog", TestImages.WithWatchdog, version: "2");
        // Behind the code that decompresses lies what it decompresses.
        TestImages.DamageKernel("2-watchdog", "kernel-hangs", kernel => kernel[(kernel.Length / 2)..(kernel.Length / 2 + 65536)].Fill(0x55));
        Story.Passes("kernel-hangs", TestImages.TinyWithWatchdog, FirmwareKind.Bios);
    }
}
