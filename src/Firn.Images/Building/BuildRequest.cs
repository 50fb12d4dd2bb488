using System.Collections.Immutable;
using Firn.Formats.Releases;
using Firn.Images.Recipes;

namespace Firn.Images.Building;

/// <summary>One build: what, where to, and what of this machine it may use.</summary>
/// <param name="Recipe">What to build.</param>
/// <param name="OutputDirectory">Made if missing; files of an earlier build in it are replaced, each in one step.</param>
/// <param name="MachineProgram">The published <c>firn</c> that goes into the image as <c>/usr/bin/firn</c>.</param>
/// <param name="CacheDirectory">Where unpacked package lists and compressed blocks are kept between builds; null for nowhere.</param>
/// <param name="IsDiskCompressed">Also write <c>disk.img.zst</c>.</param>
/// <param name="Tool">Name and version of this program, for the manifest.</param>
public sealed record BuildRequest(
    Recipe Recipe, string OutputDirectory, string MachineProgram, string? CacheDirectory, bool IsDiskCompressed, string Tool)
{
    /// <summary>The root image of an earlier version, whose layout is kept: then an update to this one is small. Null for none.</summary>
    public string? PreviousRootImage { get; init; }

    /// <summary>What the cache of blocks may have when the build is done.</summary>
    public long CacheLimitBytes { get; init; } = BlockCaches.CacheDirectory.DefaultLimitBytes;
}

/// <summary>What a build made.</summary>
/// <param name="Directory">Holds <c>disk.img</c>, <c>boot.img</c>, <c>root.squashfs</c> and <c>manifest.json</c>.</param>
/// <param name="DiskBytes">Size of the disk image, holes included.</param>
/// <param name="Warnings">What is allowed, but a person should know.</param>
public sealed record BuildResult(
    string Directory, ReleaseManifest Manifest, long DiskBytes, ImmutableArray<string> Warnings);
