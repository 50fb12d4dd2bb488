using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>Machines whose slots cannot start any more: the rescue slot brings them back, from a drive or over the network.</summary>
public sealed class MachinesAreRescued
{
    /// <summary>The cloud kernel has no USB drives; most of what the other one has is left out.</summary>
    private static string Tiny(string text) => text
        .Replace("linux-image-cloud-amd64", "linux-image-amd64").Replace("remove: [", "remove: [/usr/lib/firmware, ")
        .Replace("firn update confirm --when-healthy &", "{ firn update confirm --when-healthy; firn rescue wait; } > /run/firn/rescue.log 2>&1 &")
        + "layout: { rescue: true }\ncommands: [\"cd /usr/lib/modules/*/kernel && rm -r sound drivers/gpu drivers/media drivers/infiniband drivers/iio drivers/staging drivers/net/ethernet drivers/net/wireless drivers/hwmon drivers/hid drivers/input drivers/mtd drivers/target drivers/isdn drivers/video\"]\n";

    [Fact]
    public void A_drive_that_is_plugged_in_brings_a_machine_back_and_a_strangers_does_not()
    {
        var (repository, stranger) = (new PublishedRepository("rescue-usb"), new PublishedRepository("rescue-stranger"));
        var disk = TestImages.Build("tiny-rescue-usb", "tiny", text => Tiny(text) + repository.Section);
        TestImages.TinyRelease("rescue-usb-2", text => Tiny(text) + repository.Section, version: "2");
        foreach (var one in new[] { stranger, repository })
        {
            one.Publish("rescue-usb-2");
            one.Run($"{Repository.MachineProgram} repo bundle stable/2 --repo repository -o tiny-2.firn && truncate -s 120M stick.img && mkfs.vfat -n STICK stick.img > /dev/null && mcopy -i stick.img tiny-2.firn ::/");
        }
        Story.Passes("rescue-usb", disk, FirmwareKind.Efi);
    }

    [Fact, Trait("When", "Night")]
    public void A_machine_asks_its_repository_again_after_a_release_that_did_not_help()
    {
        var repository = new PublishedRepository("rescue-network");
        string Machine(string text) => Tiny(text) + repository.Section + "agent: { poll: 10s, web: 8080 }\nupdate: { tries: 1 }\n";
        var disk = TestImages.Build("tiny-rescue-network", "tiny", Machine);
        TestImages.TinyRelease("rescue-network-2", text => Machine(text).Replace(
            "files:\n", "files:\n  - { path: /etc/firn/health.d/50-mood, mode: \"0755\", content: \"#!/bin/sh\\necho bad mood\\nexit 1\\n\" }\n"), version: "2");
        TestImages.TinyRelease("rescue-network-3", Machine, version: "3");
        repository.Publish("rescue-network-2");
        repository.Run("cp -r www first");
        repository.Publish("rescue-network-3");
        repository.Run("mv www next && mv first www");

        Story.Passes("rescue-network", disk, FirmwareKind.Bios);
    }

    [Fact, Trait("When", "Night")]
    public void What_ran_before_heals_a_machine_from_its_repository_and_who_asked_for_rescue_is_left_in_peace()
    {
        var repository = new PublishedRepository("rescue-same");
        var disk = TestImages.Build("tiny-rescue-same", "tiny", text => Tiny(text) + repository.Section);
        HostTool.Run("ln", "-sfn", disk, Path.Combine(TestImages.Releases, "rescue-same-1"));
        repository.Publish("rescue-same-1");

        Story.Passes("rescue-same", disk, FirmwareKind.Efi);
    }
}
