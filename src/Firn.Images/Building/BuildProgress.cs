namespace Firn.Images.Building;

/// <summary>Where a build is.</summary>
/// <param name="Step">What is being done, e.g. <c>compress root image</c>.</param>
/// <param name="DoneBytes">Of this step.</param>
/// <param name="TotalBytes">Of this step; null while it is unknown.</param>
/// <param name="Detail">What a tool says it is doing now; changes often.</param>
public sealed record BuildProgress(string Step, long DoneBytes = 0, long? TotalBytes = null, string? Detail = null);
