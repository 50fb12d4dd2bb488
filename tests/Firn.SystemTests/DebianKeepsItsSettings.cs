using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>The example of the README, with systemd, SSH and a container runtime: what the tiny system cannot show.</summary>
public sealed class DebianKeepsItsSettings
{
    [Fact]
    public void Settings_survive_an_update_and_a_rollback_and_an_endless_boot_is_given_up()
    {
        const string recipe = "../../../examples/edge-box/recipe";
        var disk = TestImages.Build("debian-1", recipe, text => text);
        TestImages.Release("debian-2", recipe, text => TestImages.Versioned(text, "2").Replace("files:\n", """
            files:
              - { path: /etc/issue.net, content: "from version 2\n" }
              - { path: /etc/only-in-2, content: "from version 2\n" }

            """));
        TestImages.Release("debian-hangs", recipe, text => TestImages.Versioned(text, "3").Replace("deadline: 5m", "deadline: 60s")
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

        Story.Passes("debian-settings", disk, FirmwareKind.Efi);
    }
}
