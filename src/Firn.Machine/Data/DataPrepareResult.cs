namespace Firn.Machine.Data;

/// <summary>What was done so that the data partition can be mounted.</summary>
/// <param name="Partition">Its device, or the image file and its name.</param>
/// <param name="SizeBytes">Of the partition, now.</param>
/// <param name="WasAdded">The disk had none.</param>
/// <param name="WasGrown">It reaches to the end of the disk now.</param>
/// <param name="WasFormatted">It was empty and holds a new filesystem.</param>
/// <param name="FilesystemWasGrown">Its filesystem was enlarged.</param>
public sealed record DataPrepareResult(
    string Partition, long SizeBytes, bool WasAdded, bool WasGrown, bool WasFormatted, bool FilesystemWasGrown);
