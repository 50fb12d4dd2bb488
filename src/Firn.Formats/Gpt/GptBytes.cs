namespace Firn.Formats.Gpt;

/// <summary>Bytes and the place on the disk they belong to.</summary>
public readonly record struct GptRegion(long OffsetBytes, ReadOnlyMemory<byte> Bytes);

/// <summary>
/// A partition table as it stands on a disk. Whoever replaces a table writes <see cref="Backup"/>, flushes, then writes
/// <see cref="Primary"/>: at every moment one of the two can be read.
/// </summary>
/// <param name="ProtectiveMbr">Sector 0; its first 440 bytes belong to a boot loader and are zeros here.</param>
/// <param name="Primary">Header and entries, sectors 1 to 33.</param>
/// <param name="Backup">Entries and header, the last 33 sectors.</param>
public sealed record GptBytes(GptRegion ProtectiveMbr, GptRegion Primary, GptRegion Backup);
