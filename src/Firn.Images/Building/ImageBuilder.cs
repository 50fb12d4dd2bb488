using System.Security.Cryptography;
using System.Text;
using Firn.Formats.Boot;
using Firn.Formats.Fat;
using Firn.Formats.Gpt;
using Firn.Formats.Grub;
using Firn.Formats.Payloads;
using Firn.Formats.Releases;
using Firn.Formats.SquashFs;
using Firn.Formats.Trees;
using Firn.Images.BlockCaches;
using Firn.Images.BootLoaders;
using Firn.Images.Content;
using Firn.Images.Layout;
using Firn.Images.Recipes;
using Firn.Images.RootImages;
using Firn.Images.Verity;
using Firn.Linux.Compression;

namespace Firn.Images.Building;

/// <summary>
/// Recipe → disk image and release. The same recipe and inputs give the same bytes. Nothing appears under its final name
/// before it is whole: everything is made in a directory beside and moved at the end.
/// </summary>
public sealed class ImageBuilder
{
    private const int CopyBytes = 4 << 20;
    private const int MenuSeconds = 1;

    private readonly BuildRequest _request;
    private readonly IProgress<BuildProgress>? _progress;
    private readonly BuildDirectory _work;

    private ImageBuilder(BuildRequest request, IProgress<BuildProgress>? progress, BuildDirectory work)
    {
        (_request, _progress, _work) = (request, progress, work);
    }

    /// <exception cref="ToolException">A program of the build machine is missing or failed.</exception>
    /// <exception cref="InvalidDataException">The source is damaged, or what the recipe asks for is not in it.</exception>
    /// <exception cref="RecipeException">The recipe asks for what its own source or sizes do not allow.</exception>
    public static BuildResult Build(BuildRequest request, IProgress<BuildProgress>? progress = null)
    {
        using var work = BuildDirectory.Make(request.OutputDirectory);
        return new ImageBuilder(request, progress, work).Build();
    }

    private Recipe Recipe => _request.Recipe;
    private string? SourceCache => _request.CacheDirectory is { } cache ? Path.Combine(cache, "images") : null;

    private BuildResult Build()
    {
        using var loaded = RootSource.Load(Recipe, Work("source"), SourceCache, Step);
        var (root, epoch) = (loaded.Tree, loaded.Epoch);
        var warnings = loaded.Warnings.Select(warning => warning.ToString()).ToList();

        Step("assemble initramfs");
        var kernel = Kernel.Find(root, Recipe.Kernel.Version);
        using var program = File.OpenHandle(_request.MachineProgram);
        MachineFiles.Add(root, new OpenFile(program), Recipe, epoch);
        var initramfs = new InitramfsBuilder(root, kernel, Recipe, epoch).Build();
        warnings.AddRange(initramfs.Notes);
        MachineFiles.RemoveBootFiles(root);
        warnings.AddRange(RootImage.DropWhatSquashFsCannotHold(root));

        var (rootImage, verity) = WriteRootImage(root, epoch, warnings);
        var bootImage = WriteBootImage(kernel, initramfs, rootImage, verity, epoch);
        Step("make GRUB images");
        var plan = PlanDisk(bootImage, rootImage);
        var grub = GrubImages.Make(plan[DiskLayout.BiosPartition].FirstSector, Directory.CreateDirectory(Work("grub")).FullName);
        WriteDisk(plan, grub, epoch);

        var manifest = new ReleaseManifest(
            ReleaseManifest.CurrentFormat, Recipe.Name, Recipe.Version, Recipe.Hardware, bootImage, rootImage,
            new(_request.Tool, epoch, loaded.Inputs.SetItems(Inputs(kernel, grub))));
        File.WriteAllBytes(Work(ReleaseManifest.FileName), manifest.ToJson());
        if (_request.IsDiskCompressed) CompressDisk();
        Publish();
        return new(_request.OutputDirectory, manifest, plan.SizeBytes, [.. warnings]);
    }

    private (ReleaseImage Image, VerityRoot? Verity) WriteRootImage(FileTree root, long epoch, List<string> warnings)
    {
        var options = new SquashFsOptions
        {
            BlockSizeBytes = Recipe.SquashFs.BlockBytes,
            Level = Recipe.SquashFs.Level,
            ModifiedSeconds = epoch,
        };
        using var spool = new SpoolArea(Work("layout"));
        using var previous = _request.PreviousRootImage is { } path ? SquashImage.Open(path) : null;
        var cache = _request.CacheDirectory is { } directory
            ? new BlockCache(directory, options.Level, options.BlockSizeBytes, _request.CacheLimitBytes) : null;
        VerityRoot? verity = null;
        using (cache)
        using (var image = File.Create(Work("root.squashfs")))
        {
            RootImage.Write(root, image, options, cache, _progress, previous?.Layout(options, spool));
            if (Recipe.Verity is not null) verity = AppendVerity(image);
        }
        if (cache?.Warning is { } warning) warnings.Add(warning);
        Step("index root image");
        using var written = SquashImage.Open(Work("root.squashfs"));
        var described = Describe("root.squashfs", BlockIndex.Of(written.Bytes, BlockCuts.OfSquashFs(written.Reader)));
        return (described with { VerityRootHash = verity?.RootHash }, verity);
    }

    private VerityRoot AppendVerity(FileStream image)
    {
        image.Flush();
        var sizeBytes = image.Length;
        return VerityTree.Append(
            image.SafeFileHandle, sizeBytes, VerityTree.SaltOf(Recipe.Name), done => _progress?.Report(new("hash root image", done, sizeBytes)));
    }

    private ReleaseImage WriteBootImage(Kernel kernel, Initramfs initramfs, ReleaseImage rootImage, VerityRoot? verity, long epoch)
    {
        var release = new SlotRelease(
            ReleaseManifest.CurrentFormat, Recipe.Name, Recipe.Version, Recipe.Hardware, rootImage.SizeBytes, rootImage.Sha256,
            verity?.RootHash);
        var files = new FileTree();
        Put(files, DiskLayout.Kernel, kernel.Image.Content);
        Put(files, DiskLayout.Initramfs, FileContent.Of(initramfs.Bytes));
        Put(files, DiskLayout.SlotConfig, FileContent.Of(SlotConfig.Create(Recipe, verity)));
        Put(files, DiskLayout.SlotRelease, FileContent.Of(release.ToJson()));
        using (var image = File.Create(Work("boot.img")))
        {
            // A slot's partition lies at another place on each disk, and its boot image must be the same: no hidden sectors.
            var options = new FatOptions(FatWriter.MinimumSizeBytes(files), "FIRN-BOOT", Serial("boot"), 0, Time(epoch));
            FatWriter.Write(files, options, image);
        }
        using var written = File.OpenRead(Work("boot.img"));
        return Describe("boot.img", BlockIndex.Of(new OpenFile(written.SafeFileHandle), BlockCuts.OfFat(written)));
    }

    private DiskPlan PlanDisk(ReleaseImage boot, ReleaseImage root)
    {
        var layout = Recipe.Layout;
        var rescue = layout.HasRescue;
        CheckRoom("layout.boot", layout.BootBytes, boot);
        CheckRoom("layout.root", layout.RootBytes, root);
        var sizes = new DiskSizes(
            layout.EspBytes, layout.BootBytes ?? DiskPlan.SlotFor(boot.SizeBytes), layout.RootBytes ?? DiskPlan.SlotFor(root.SizeBytes),
            rescue ? boot.SizeBytes : null, rescue ? root.SizeBytes : null, layout.DataBytes, layout.DiskBytes);
        var seed = $"{Recipe.Name}/{Recipe.Version}/{root.Sha256}";
        return DiskPlan.Create(sizes, name => GptIds.Derive(seed, name));
    }

    private void CheckRoom(string key, long? slotBytes, ReleaseImage image)
    {
        if (slotBytes < image.SizeBytes)
            throw new RecipeException(new RecipeProblem(Recipe.FileName, Recipe.LayoutLine,
                $"{key}: {slotBytes >> 20}M is too small, {image.File} has {(image.SizeBytes + (1 << 20) - 1) >> 20}M; leave it out for an automatic size, or give more"));
    }

    private void WriteDisk(DiskPlan plan, GrubImages grub, long epoch)
    {
        using var disk = new SparseDisk(Work("disk.img"), plan.SizeBytes);
        disk.Write(grub.BiosBoot);
        GptWriter.Write(plan.Table, disk);
        Place(disk, plan[DiskLayout.BiosPartition], new MemoryStream(grub.BiosCore));
        disk.Position = plan[DiskLayout.EspPartition].OffsetBytes;
        WriteEsp(disk, plan, grub, epoch);
        foreach (var slot in Recipe.Layout.HasRescue ? [Slot.A, Slot.Rescue] : new[] { Slot.A })
        {
            using var boot = File.OpenRead(Work("boot.img"));
            Place(disk, plan[DiskLayout.BootPartition(slot)], boot);
            using var root = File.OpenRead(Work("root.squashfs"));
            Place(disk, plan[DiskLayout.RootPartition(slot)], root);
        }
    }

    private void WriteEsp(Stream disk, DiskPlan plan, GrubImages grub, long epoch)
    {
        var state = new byte[GrubEnvironment.Size];
        new GrubEnvironment(new BootState(Slot.A).ToVariables()).WriteTo(state);
        var settings = new GrubSettings(
            $"{Recipe.Name}", MenuSeconds, Recipe.SerialConsole, DiskPlan.BootA, DiskPlan.BootB,
            Recipe.Layout.HasRescue ? DiskPlan.BootRescue : null, Recipe.Update.Watchdog);
        var files = new FileTree();
        Put(files, "EFI/BOOT/BOOTX64.EFI", FileContent.Of(grub.Efi));
        Put(files, DiskLayout.GrubConfig, FileContent.Of(GrubConfig.Create(settings)));
        Put(files, DiskLayout.PrimaryEnvironment, FileContent.Of(state));
        Put(files, DiskLayout.BackupEnvironment, FileContent.Of(state));
        var partition = plan[DiskLayout.EspPartition];
        // UEFI asks for FAT32 on a fixed disk's system partition.
        FatWriter.Write(files, new(partition.SizeBytes, "FIRN-ESP", Serial("esp"), partition.FirstSector, Time(epoch)) { Type = FatType.Fat32 }, disk);
    }

    private void Place(Stream disk, GptPartition partition, Stream content)
    {
        disk.Position = partition.OffsetBytes;
        var buffer = new byte[CopyBytes];
        long done = 0;
        for (int read; (read = content.Read(buffer)) > 0;)
        {
            disk.Write(buffer.AsSpan(0, read));
            _progress?.Report(new("write disk image", done += read, content.Length));
        }
    }

    private void CompressDisk()
    {
        using var disk = File.OpenRead(Work("disk.img"));
        using var file = File.Create(Work("disk.img.zst"));
        using var compressed = new ZstdCompressStream(file, level: 3, workers: Environment.ProcessorCount);
        var buffer = new byte[CopyBytes];
        long done = 0;
        for (int read; (read = disk.Read(buffer)) > 0;)
        {
            compressed.Write(buffer.AsSpan(0, read));
            _progress?.Report(new("compress disk image", done += read, disk.Length));
        }
    }

    /// <summary>The manifest goes last: who finds it finds the images it names.</summary>
    private void Publish()
    {
        string[] images = ["root.squashfs", "boot.img"];
        string[] names = [.. images, .. images.Select(IndexOf), "disk.img", "disk.img.zst", ReleaseManifest.FileName];
        File.Delete(Final("disk.img.zst"));
        foreach (var name in names.Where(name => File.Exists(Work(name))))
            File.Move(Work(name), Final(name), overwrite: true);
    }

    private Dictionary<string, string> Inputs(Kernel kernel, GrubImages grub) => new()
    {
        ["kernel"] = kernel.Release,
        ["grub"] = grub.Version,
        ["zstd"] = Zstd.Version,
        ["firn"] = Hash(_request.MachineProgram),
    };

    /// <summary>Of an image, which gets its index beside it.</summary>
    private ReleaseImage Describe(string name, BlockIndex index)
    {
        var bytes = index.ToBytes();
        File.WriteAllBytes(Work(IndexOf(name)), bytes);
        return new(name, index.ImageBytes, Hash(Work(name)), ReleaseFile.Of(IndexOf(name), bytes, index.Head.SizeBytes));
    }

    private static string IndexOf(string image) => $"{image}.idx";

    private static string Hash(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private uint Serial(string name) =>
        BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes($"{Recipe.Name}/{Recipe.Version}/{name}")));

    private static DateTimeOffset Time(long epoch) => DateTimeOffset.FromUnixTimeSeconds(epoch);

    private static void Put(FileTree files, string path, FileContent content) =>
        files.Put(path, new(FileKind.File) { Content = content });

    private string Work(string name) => _work[name];
    private string Final(string name) => Path.Combine(_request.OutputDirectory, name);
    /// <summary>A step may tell more behind a colon.</summary>
    private void Step(string step) =>
        _progress?.Report(step.Split(": ", 2) is [var name, var detail] ? new(name, Detail: detail) : new(step));
}
