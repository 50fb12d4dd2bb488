using Firn.Formats.Releases;
using Firn.Linux.Block;

namespace Firn.Machine.Updates;

/// <summary>The partitions of a slot, open.</summary>
/// <param name="Boot">Of its boot image.</param>
/// <param name="Root">Of its root image.</param>
/// <param name="Release">What it says it holds; null if that does not matter or is not known.</param>
internal sealed record SlotDevices(IBlockDevice Boot, IBlockDevice Root, SlotRelease? Release = null);
