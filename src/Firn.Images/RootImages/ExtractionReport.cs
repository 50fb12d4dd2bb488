using System.Collections.Immutable;

namespace Firn.Images.RootImages;

/// <summary>What was taken out of an image.</summary>
/// <param name="Names">Files, directories, links and devices that were made.</param>
/// <param name="ContentBytes">Of the files, holes included, each file once.</param>
/// <param name="Warnings">What this user, or the filesystem written to, could not have.</param>
public sealed record ExtractionReport(int Names, long ContentBytes, ImmutableArray<string> Warnings);
