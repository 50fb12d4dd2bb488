namespace Firn.Machine.Updates;

public enum InstallStep { Compare, WriteRoot, WriteBoot, VerifyRoot, VerifyBoot }

/// <summary>How far an installation is.</summary>
/// <param name="Step">What is done now.</param>
/// <param name="DoneBytes">Of this step.</param>
/// <param name="TotalBytes">Of this step.</param>
public sealed record InstallProgress(InstallStep Step, long DoneBytes, long TotalBytes);
