using Firn.Machine.Updates;

namespace Firn.Swu.Installing;

/// <summary>A .swu file was installed.</summary>
/// <param name="File">The file.</param>
/// <param name="Version">As its description says.</param>
/// <param name="Selection">What was chosen of it.</param>
/// <param name="Slot">What was put into a slot; null if nothing was.</param>
/// <param name="Others">How many other things were written or run.</param>
/// <param name="NeedsNoRestart">As its description says.</param>
public sealed record SwuInstallResult(string File, string Version, string Selection, InstallResult? Slot, int Others, bool NeedsNoRestart);
