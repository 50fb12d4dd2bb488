using Firn.Formats.Fat;
using Firn.Formats.Overlays;
using Firn.Formats.Tar;
using Firn.Linux.Block;
using Firn.Linux.Files;
using Firn.Machine.Boot;
using Firn.Machine.Etc;
using Firn.Machine.Updates;
using Firn.Trust.Client;
using Firn.Trust.Transports;

namespace Firn.Machine.Overlays;

/// <param name="File">With its signature behind it, if it has one.</param>
/// <param name="IsProven">The repository spoke for it: it needs no other signature.</param>
public sealed record FetchedOverlay(byte[] File, bool IsProven = false);

/// <summary>Brings overlays from where they are.</summary>
/// <param name="espOf">Opens the ESP that this system was started from.</param>
public sealed class OverlayFetch(MachinePaths paths, TimeProvider clock, Func<IBlockDevice> espOf)
{
    private const int LimitBytes = (int)OverlayRules.MaximumPackedBytes;
    private const string SignatureSuffix = ".minisig";
    private const int SignatureLimit = 16 << 10;

    private static readonly HttpLimits Limits = new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20), 16 << 10, 5);

    /// <exception cref="IOException">It is not there, or cannot be reached.</exception>
    /// <exception cref="InvalidDataException">What is there is damaged, or too large.</exception>
    /// <exception cref="Trust.TrustException">The repository does not speak for it.</exception>
    public FetchedOverlay Fetch(OverlaySource source) => source.Kind switch
    {
        OverlaySourceKind.Data => new(OfFiles(source, path => Existing(paths.Data + path))),
        OverlaySourceKind.Esp => new(OfEsp(source)),
        OverlaySourceKind.Label => new(OfVolume(source, volume => volume.IsCalled(source.Which))),
        OverlaySourceKind.Btrfs => new(OfVolume(
            source, volume => volume.Header?.Type == "btrfs" && (source.Which.Length == 0 || volume.IsCalled(source.Which)))),
        OverlaySourceKind.Url => new(OfUrlAsync(source).GetAwaiter().GetResult()),
        OverlaySourceKind.Dns => new(DnsText.Fetch(source.Path, paths)),
        OverlaySourceKind.Efi => new(OfFiles(source, _ => Existing(Path.Combine(paths.EfiVariables, source.Path)))[4..]),    // attributes
        OverlaySourceKind.FwCfg => new(OfFiles(source, _ => Existing(Path.Combine(paths.FwCfg, source.Path, "raw")))),
        _ => new(OfRepositoryAsync(source.Path).GetAwaiter().GetResult(), IsProven: true),
    };

    private static byte[]? Existing(string path) => File.Exists(path) ? BoundedFile.Read(path, LimitBytes) : null;

    /// <summary>A file, and the signature beside it.</summary>
    private static byte[] OfFiles(OverlaySource source, Func<string, byte[]?> find)
    {
        var content = find(source.Path) ?? throw new FileNotFoundException($"{source}: not there");
        if (source.Kind is OverlaySourceKind.Efi or OverlaySourceKind.FwCfg) return content.Length >= 4 ? content : throw new InvalidDataException($"{source}: is empty");
        return find(source.Path + SignatureSuffix) is { Length: <= SignatureLimit } signature ? [.. content, .. signature] : content;
    }

    private byte[] OfEsp(OverlaySource source)
    {
        using var esp = espOf();
        var fat = new FatReader(new BlockDeviceStream(esp));
        return OfFiles(source, path => fat.Find(path.TrimStart('/')) is { IsDirectory: false } entry ? fat.ReadAll(entry, LimitBytes) : null);
    }

    private byte[] OfVolume(OverlaySource source, Func<MachineVolume, bool> isMeant)
    {
        var meant = MachineVolumes.List(paths).Where(isMeant).ToArray();
        if (meant.Length == 0) throw new FileNotFoundException($"{source}: no such volume");
        foreach (var volume in meant)
        {
            using var files = VolumeFiles.Open(volume, paths.OverlayMounts);
            if (source.Kind == OverlaySourceKind.Btrfs && Directory.Exists(files.Directory + source.Path))
                return Packed(files.Directory + source.Path);
            if (files.Find(source.Path, LimitBytes) is not null) return OfFiles(source, path => files.Find(path, LimitBytes));
        }
        throw new FileNotFoundException($"{source}: not on {string.Join(", ", meant.Select(volume => volume.Device))}");
    }

    /// <summary>A directory as it is, such as a subvolume: as an archive it can be kept like every other.</summary>
    private static byte[] Packed(string directory)
    {
        using var tar = new MemoryStream();
        TarWriter.Write(DirectoryTree.Read(directory), tar);
        return tar.Length <= LimitBytes ? tar.ToArray() : throw new InvalidDataException($"{directory}: more than the {LimitBytes} bytes that are taken");
    }

    private static async Task<byte[]> OfUrlAsync(OverlaySource source)
    {
        using var files = new HttpFiles(Limits);
        var address = new Uri(source.Path);
        var content = await GetAsync(files, address, LimitBytes) ?? throw new FileNotFoundException($"{source}: not there");
        if (OverlayText.Split(content).Signature is not null) return content;
        var beside = new UriBuilder(address) { Path = address.AbsolutePath + SignatureSuffix }.Uri;
        return await GetAsync(files, beside, SignatureLimit) is { } signature ? [.. content, .. signature] : content;
    }

    private static async Task<byte[]?> GetAsync(HttpFiles files, Uri address, int limitBytes)
    {
        var file = await files.FindAsync(address, 0, CancellationToken.None);
        await using var body = file?.Body;
        return body is null ? null : await BoundedFile.ReadAsync(body, address.ToString(), limitBytes);
    }

    private async Task<byte[]> OfRepositoryAsync(string path)
    {
        var settings = RepositoryUpdates.SettingsOf(paths)
            ?? throw new InvalidDataException("repository: this machine's image was made for none (recipe: repository)");
        Directory.CreateDirectory(Path.GetDirectoryName(paths.TrustLock)!);
        using var held = FileLock.TryTake(paths.TrustLock) ?? throw new IOException("repository: another firn is asking it now");
        var store = new TrustStore(paths.TrustState);
        TrustedRoot.Seed(store, await File.ReadAllBytesAsync(paths.TrustedRoot));
        var time = new SeenTime(paths.SeenTime, clock);
        using var client = new TrustClient(store, RepositoryUpdates.OpenMirrors(paths, settings, bundle: null), time);
        await client.RefreshAsync(RefreshOptions.Default, CancellationToken.None);
        time.Remember();
        var target = await client.RequireAsync(path, CancellationToken.None);
        await using var body = await client.OpenAsync(target, CancellationToken.None);
        return await BoundedFile.ReadAsync(body, path, LimitBytes);
    }
}
