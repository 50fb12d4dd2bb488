using Firn.Formats.Boot;

namespace Firn.Machine.Updates;

/// <summary>A release is in a slot; unless it was only downloaded, its trial is the next thing that boots.</summary>
/// <param name="Slot">Where it was written.</param>
/// <param name="Install">Number of this installation; null if it was only downloaded.</param>
/// <param name="Name">Of the release.</param>
/// <param name="Version">Of the release.</param>
/// <param name="Tries">Boots it has to prove itself; null if it was only downloaded.</param>
/// <param name="WasThere">The slot held exactly these bytes already; nothing was written to it.</param>
/// <param name="Origins">Where the bytes came from.</param>
public sealed record InstallResult(
    Slot Slot, int? Install, string Name, string Version, int? Tries, bool WasThere, ByteOrigins Origins);
