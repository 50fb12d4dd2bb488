namespace Firn.Formats.Gpt;

/// <summary>A partition of a GPT disk with sectors of 512 bytes.</summary>
/// <param name="Number">Place in the table, from 1; the N of <c>/dev/sdaN</c>.</param>
/// <param name="Name">Up to 36 UTF-16 units; Linux shows it as PARTLABEL.</param>
/// <param name="Type">What the partition is for: <see cref="GptTypes"/>.</param>
/// <param name="Id">Unique to this partition; Linux shows it as PARTUUID.</param>
/// <param name="FirstSector">First sector of the partition.</param>
/// <param name="LastSector">Last sector of the partition, inclusive.</param>
/// <param name="Attributes">Bits of the UEFI specification 2.10, table 5.8; bit 60 is read-only by convention.</param>
public sealed record GptPartition(
    int Number, string Name, Guid Type, Guid Id, long FirstSector, long LastSector, ulong Attributes = 0)
{
    public long OffsetBytes => FirstSector * GptTable.SectorBytes;
    public long SizeBytes => (LastSector - FirstSector + 1) * GptTable.SectorBytes;
}
