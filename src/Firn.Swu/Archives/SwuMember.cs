namespace Firn.Swu.Archives;

/// <summary>A file in an archive.</summary>
/// <param name="Name">Plain, without directories.</param>
/// <param name="Offset">Of its first byte in the archive.</param>
/// <param name="SizeBytes">Of its content.</param>
public sealed record SwuMember(string Name, long Offset, long SizeBytes);
