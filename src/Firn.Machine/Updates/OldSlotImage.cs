using Firn.Formats.Payloads;
using Firn.Linux.Block;

namespace Firn.Machine.Updates;

/// <summary>An image in the slot that stays: what blocks are copied from, and patches are applied to.</summary>
/// <param name="Sha256">What it should be.</param>
/// <param name="Index">Its blocks, as they should be.</param>
/// <param name="Device">Where it is. Nothing is believed of it.</param>
internal sealed record OldSlotImage(string Sha256, BlockIndex Index, IBlockDevice Device) : IOldContent
{
    public void Read(long offset, Span<byte> destination) => Device.Read(offset, destination);
}
