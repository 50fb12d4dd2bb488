namespace Firn.Formats.Fat;

public enum FatType { Fat16, Fat32 }

/// <summary>All that a volume holds besides its files: with the same options the same files give the same bytes.</summary>
/// <param name="SizeBytes">Size of the volume, a multiple of 512.</param>
/// <param name="Label">Up to 11 of <c>A–Z 0–9 space - _</c>; empty for none.</param>
/// <param name="SerialNumber">What Linux shows as the volume's UUID.</param>
/// <param name="HiddenSectors">Sectors in front of the volume: where its partition starts, 0 if that may be anywhere.</param>
/// <param name="TimeStamp">Of every entry, in UTC; clamped to 1980–2107.</param>
public sealed record FatOptions(
    long SizeBytes, string Label, uint SerialNumber, long HiddenSectors, DateTimeOffset TimeStamp)
{
    /// <summary>Null for FAT16 up to some 256 MiB, FAT32 above.</summary>
    public FatType? Type { get; init; }
}
