using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>The main job: what a machine must live through, on the firmware that most of them have.</summary>
public sealed class MachinesUpdateThemselves
{
    [Fact]
    public void The_first_boot_makes_and_grows_the_data_partition() =>
        Story.Passes("first-boot", TestImages.Tiny, FirmwareKind.Efi);

    [Fact]
    public void An_update_is_tried_confirmed_and_rolled_back_by_hand()
    {
        TestImages.TinyRelease("2");
        Story.Passes("update-confirmed", TestImages.Tiny, FirmwareKind.Efi);
    }

    [Fact, Trait("When", "Night")]
    public void Three_updates_in_a_row_go_back_and_forth()
    {
        TestImages.TinyRelease("2");
        TestImages.TinyRelease("3");
        Story.Passes("three-updates", TestImages.Tiny, FirmwareKind.Efi);
    }

    /// <summary>By day, machines are killed at any moment: <see cref="KilledMachinesFinishTheirUpdate"/>.</summary>
    [Fact, Trait("When", "Night")]
    public void A_power_cut_during_an_install_leaves_the_running_slot()
    {
        TestImages.TinyRelease("2");
        Story.Passes("power-cut-install", TestImages.Tiny, FirmwareKind.Efi);
    }

    [Fact, Trait("When", "Night")]
    public void A_power_cut_during_a_trial_costs_a_try_only()
    {
        TestImages.TinyRelease("2");
        Story.Passes("power-cut-trial", TestImages.Tiny, FirmwareKind.Efi);
    }

    [Fact]
    public void The_rescue_slot_starts_when_both_boot_images_are_gone() =>
        Story.Passes("rescue-boot-images", TestImages.TinyWithRescue, FirmwareKind.Efi);

    /// <summary>By day, such a machine is healed as well: <see cref="MachinesAreRescued"/>.</summary>
    [Fact, Trait("When", "Night")]
    public void The_rescue_system_starts_when_the_root_image_is_gone() =>
        Story.Passes("rescue-root-image", TestImages.TinyWithRescue, FirmwareKind.Efi);
}
