namespace Firn.Machine.Updates;

public enum InstallStep { Compare, WriteRoot, WriteBoot, VerifyRoot, VerifyBoot }

/// <summary>How far an installation is.</summary>
/// <param name="Step">What is done now.</param>
/// <param name="DoneBytes">Of this step.</param>
/// <param name="TotalBytes">Of this step.</param>
/// <param name="Origins">Where all that was written so far came from.</param>
public sealed record InstallProgress(InstallStep Step, long DoneBytes, long TotalBytes, ByteOrigins Origins);

/// <summary>Where the bytes of an installation came from.</summary>
/// <param name="Source">From the source of the release: the network, or a directory.</param>
/// <param name="Slots">From the slots of this machine.</param>
/// <param name="Patches">Made of old content and a patch; the patch itself counts as from the source.</param>
/// <param name="Kept">Were where they belong.</param>
public sealed record ByteOrigins(long Source = 0, long Slots = 0, long Patches = 0, long Kept = 0);
