using System.Globalization;
using Firn.Formats.SquashFs;
using Firn.Images.RootImages;
using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>
/// Root images behind dm-verity, in machines with a BIOS: what is changed on the disk is not used, is told, and does not stop a
/// machine that can start without it.
/// </summary>
public sealed class VerityStopsTampering
{
    /// <summary>Of every Debian, and nothing in these machines asks for it.</summary>
    private const string Victim = "usr/bin/perl";

    private static string Image => TestImages.Build("tiny-verity", "tiny", text => text + "verity: true\n");

    private static string ImageWithRescue =>
        TestImages.Build("tiny-verity-rescue", "tiny", text => text + "verity: true\nlayout: { rescue: true }\n");

    [Fact]
    public void A_changed_block_is_not_read_and_a_changed_trial_is_given_up_with_its_reason()
    {
        var release = MakeRelease();
        Story.Passes("verity", Image, FirmwareKind.Bios, ("block_a", BlockOf(Image)), ("block_b", BlockOf(release)));
    }

    [Fact, Trait("When", "Night")]
    public void Versions_with_and_without_it_follow_each_other()
    {
        MakeRelease();
        TestImages.TinyRelease("3");
        Story.Passes("verity-updates", Image, FirmwareKind.Bios);
    }

    [Fact, Trait("When", "Night")]
    public void A_root_image_that_cannot_be_mounted_starts_the_rescue_system_which_is_checked_too() =>
        Story.Passes("verity-rescue", ImageWithRescue, FirmwareKind.Bios, ("block_r", BlockOf(ImageWithRescue)));

    [Fact, Trait("When", "Night")]
    public void A_machine_that_is_to_restart_does()
    {
        var image = TestImages.Build("tiny-verity-restart", "tiny", text => text + "verity: { on-corruption: restart }\n");
        Story.Passes("verity-restart", image, FirmwareKind.Bios, ("block_a", BlockOf(image)));
    }

    private static string MakeRelease()
    {
        TestImages.TinyRelease("2-verity", text => text + "verity: true\n", version: "2");
        return Path.Combine(TestImages.Releases, "2-verity");
    }

    /// <summary>One of 4 KiB that holds nothing but bytes of that file.</summary>
    private static string BlockOf(string imageDirectory)
    {
        using var image = SquashImage.Open(Path.Combine(imageDirectory, "root.squashfs"));
        var stored = SquashFsBlocks.Read(image.Reader).First(block => block.Pieces.Any(piece => piece.Path == Victim) && block.Length > 16 << 10);
        return ((stored.Offset >> 12) + 2).ToString(CultureInfo.InvariantCulture);
    }
}
