using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>The example of the README, with systemd, SSH and a container runtime: what the tiny system cannot show.</summary>
public sealed class DebianKeepsItsSettings
{
    private const string Recipe = "../../../examples/edge-box/recipe";

    [Fact]
    public void Settings_survive_an_update_and_a_rollback()
    {
        var disk = TestImages.Build("debian-1", Recipe, text => text);
        TestImages.Release("debian-2", Recipe, text => TestImages.Versioned(text, "2").Replace("files:\n", """
            files:
              - { path: /etc/issue.net, content: "from version 2\n" }
              - { path: /etc/only-in-2, content: "from version 2\n" }

            """));

        Story.Passes("debian-settings", disk, FirmwareKind.Efi);
    }

    [Fact, Trait("When", "Night")]
    public void An_endless_boot_is_given_up()
    {
        var disk = TestImages.Build("debian-1", Recipe, text => text);
        TestImages.Release("debian-hangs", Recipe, text => TestImages.Versioned(text, "3").Replace("deadline: 5m", "deadline: 60s")
            .Replace("- systemctl enable systemd-networkd", "- systemctl enable systemd-networkd never-ends").Replace("files:\n", """
            files:
              - path: /etc/systemd/system/never-ends.service
                content: |
                  [Service]
                  Type=oneshot
                  TimeoutStartSec=infinity
                  ExecStart=/bin/sleep infinity
                  [Install]
                  WantedBy=multi-user.target

            """));

        Story.Passes("debian-endless-boot", disk, FirmwareKind.Efi);
    }
}
