using Firn.Formats.Boot;
using Firn.Formats.Releases;

namespace Firn.Machine.Boot;

/// <summary>What can be said of a slot without reading all of it.</summary>
/// <param name="Slot">Which slot.</param>
/// <param name="Install">Number of the installation that wrote it; 0 for the one the disk was made with.</param>
/// <param name="Release">What its boot image says it is; null if it cannot boot.</param>
/// <param name="Problem">Why it cannot boot; null if it can.</param>
/// <param name="BootSizeBytes">Room for a boot image.</param>
/// <param name="RootSizeBytes">Room for a root image.</param>
public sealed record SlotReport(
    Slot Slot, int Install, SlotRelease? Release, string? Problem, long BootSizeBytes, long RootSizeBytes)
{
    public bool CanBoot => Problem is null;
}
