using System.Collections.Immutable;
using System.Security.Cryptography;
using Firn.Formats.Boot;
using Firn.Formats.Fat;
using Firn.Formats.Releases;
using Firn.Linux.Block;
using Firn.Machine.Updates;
using Firn.Swu.Archives;
using Firn.Swu.Descriptions;

namespace Firn.Swu.Installing;

/// <summary>
/// Root and boot image of a .swu file as a release, whoever made it: the boot image says what it is and which root image belongs to it.
/// </summary>
internal sealed class SlotImages : IReleaseSource
{
    private const int ReleaseLimitBytes = 64 << 10;
    private const string RootFile = "root-image", BootFile = "boot-image";

    private readonly SwuArchive _archive;
    private readonly Artefact _root;
    private readonly IBlockDevice _boot;
    private readonly ReleaseManifest _manifest;

    private SlotImages(SwuArchive archive, Artefact root, IBlockDevice boot, ReleaseManifest manifest) =>
        (_archive, _root, _boot, _manifest) = (archive, root, boot, manifest);

    /// <param name="archive">The file, whose bytes have been compared with its description.</param>
    /// <param name="root">The root image.</param>
    /// <param name="boot">The boot image.</param>
    /// <param name="limitBytes">What the boot image may have.</param>
    /// <param name="scratch">Where a boot image goes to be looked into, if it is compressed.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InvalidDataException">The boot image is not one of Firn, or belongs to another root image.</exception>
    public static SlotImages Open(SwuArchive archive, Artefact root, Artefact boot, long limitBytes, string scratch, CancellationToken cancellation)
    {
        var image = boot.Packing == Packing.None
            ? archive.Part(Payloads.MemberOf(archive, boot))
            : Spooled.Of(Payloads.Open(archive, boot), boot.FileName, scratch, limitBytes, cancellation);
        try
        {
            var manifest = Describe(image, boot);
            if (root.Packing == Packing.None && (root.Sha256 != manifest.Root.Sha256 || Payloads.MemberOf(archive, root).SizeBytes != manifest.Root.SizeBytes))
                throw new InvalidDataException($"{boot.FileName} belongs to another root image than {root.FileName}");
            return new(archive, root, image, manifest);
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    private static ReleaseManifest Describe(IBlockDevice image, Artefact boot)
    {
        var fat = new FatReader(new BlockDeviceStream(image));
        var entry = fat.Find(DiskLayout.SlotRelease) ?? throw new InvalidDataException($"{boot.FileName} is not a boot image of Firn: it has no {DiskLayout.SlotRelease}");
        var release = SlotRelease.Read(fat.ReadAll(entry, ReleaseLimitBytes));
        var hash = Convert.ToHexStringLower(SHA256.HashData(new BlockDeviceStream(image)));
        var manifest = new ReleaseManifest(
            release.Format, release.Name, release.Version, release.Hardware,
            new(BootFile, image.SizeBytes, hash), new(RootFile, release.RootSizeBytes, release.RootSha256),
            new("swu", 0, ImmutableSortedDictionary<string, string>.Empty));
        return ReleaseManifest.Read(manifest.ToJson());    // what somebody else wrote is looked at as any manifest is
    }

    public string Name => _archive.Name;
    public bool IsRemote => false;
    public Task<ReleaseManifest> ReadManifestAsync(CancellationToken cancellation) => Task.FromResult(_manifest);

    public Task<Stream> OpenAsync(ReleaseImage image, CancellationToken cancellation) =>
        Task.FromResult(image == _manifest.Root ? Payloads.Open(_archive, _root) : new BlockDeviceStream(_boot));

    public Task<Stream> OpenRangeAsync(string file, long offset, long length, CancellationToken cancellation) => throw new InvalidOperationException("without a block index, nobody asks for parts");

    public void Dispose() => _boot.Dispose();
}
