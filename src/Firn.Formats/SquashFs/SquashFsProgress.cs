namespace Firn.Formats.SquashFs;

/// <summary>How much of the files' content, uncompressed, is in the image.</summary>
public readonly record struct SquashFsProgress(long DoneBytes, long TotalBytes);
