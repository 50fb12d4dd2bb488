using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>Everything a new version can do wrong, on a machine with a BIOS; each ends on the old version, which says why.</summary>
public sealed class FailedUpdateFallsBack
{
    [Fact]
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

    [Fact]
    public void A_kernel_that_hangs_before_its_first_word()
    {
        TestImages.TinyRelease("2-watchdog", TestImages.WithWatchdog, version: "2");
        // Behind the code that decompresses lies what it decompresses.
        TestImages.DamageKernel("2-watchdog", "kernel-hangs", kernel => kernel[(kernel.Length / 2)..(kernel.Length / 2 + 65536)].Fill(0x55));
        Story.Passes("kernel-hangs", TestImages.TinyWithWatchdog, FirmwareKind.Bios);
    }

    [Fact]
    public void An_init_that_ends()
    {
        TestImages.TinyRelease("2");
        TestImages.TinyRelease("init-broken", text => text.Replace("[ -e /etc/hang ]", "exit 1; [ -e /etc/hang ]"));
        Story.Passes("init-broken", TestImages.Tiny, FirmwareKind.Bios);
    }

    [Fact]
    public void A_health_check_that_fails()
    {
        TestImages.TinyRelease("2");
        TestImages.TinyRelease("unhealthy", text => AddFile(text, "/etc/firn/health.d/50-mood", "0755", "#!/bin/sh\\necho sorry, not today\\nexit 1\\n"));
        Story.Passes("unhealthy", TestImages.Tiny, FirmwareKind.Bios);
    }

    [Fact]
    public void A_system_that_hangs_before_it_is_confirmed()
    {
        TestImages.TinyRelease("2");
        TestImages.TinyRelease("hangs", text => AddFile(text, "/etc/hang", "0644", "\\n") + "update: { deadline: 10s }\n");
        Story.Passes("hangs-in-userland", TestImages.Tiny, FirmwareKind.Bios);
    }

    private static string AddFile(string recipe, string path, string mode, string content) =>
        recipe.Replace("files:\n", $"files:\n  - {{ path: {path}, mode: \"{mode}\", content: \"{content}\" }}\n");
}
