namespace Firn.Machine.Etc;

/// <summary>Something in /etc that both the machine and the new image have changed, for a person to look at.</summary>
/// <param name="Path">Below /etc.</param>
/// <param name="Problem">What was decided and why.</param>
/// <param name="NewVersion">Where the image's version is kept, below /etc; null if there is none.</param>
public sealed record EtcConflict(string Path, string Problem, string? NewVersion);
