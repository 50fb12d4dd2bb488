using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>What a new system can do wrong once its kernel runs, on a machine with a BIOS; each ends on the old version, which says why.</summary>
public sealed class FailedUpdateFallsBack
{
    [Fact, Trait("When", "Night")]
    public void An_init_that_ends()
    {
        TestImages.TinyRelease("init-broken", text => text.Replace("[ -e /etc/hang ]", "exit 1; [ -e /etc/hang ]"));
        Story.Passes("init-broken", TestImages.Tiny, FirmwareKind.Efi);
    }

    [Fact]
    public void A_health_check_that_fails()
    {
        TestImages.TinyRelease("2");
        TestImages.TinyRelease("unhealthy", text => AddFile(text, "/etc/firn/health.d/50-mood", "0755", "#!/bin/sh\\necho sorry, not today\\nexit 1\\n"));
        Story.Passes("unhealthy", TestImages.Tiny, FirmwareKind.Efi);
    }

    /// <summary>By day, a Debian hangs: <see cref="DebianKeepsItsSettings"/>.</summary>
    [Fact, Trait("When", "Night")]
    public void A_system_that_hangs_before_it_is_confirmed()
    {
        TestImages.TinyRelease("hangs", text => AddFile(text, "/etc/hang", "0644", "\\n") + "update: { deadline: 10s }\n");
        Story.Passes("hangs-in-userland", TestImages.Tiny, FirmwareKind.Efi);
    }

    private static string AddFile(string recipe, string path, string mode, string content) =>
        recipe.Replace("files:\n", $"files:\n  - {{ path: {path}, mode: \"{mode}\", content: \"{content}\" }}\n");
}
