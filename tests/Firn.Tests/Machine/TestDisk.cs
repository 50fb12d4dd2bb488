using System.Collections.Immutable;
using System.Security.Cryptography;
using Firn.Formats.Boot;
using Firn.Formats.Fat;
using Firn.Formats.Gpt;
using Firn.Formats.Grub;
using Firn.Formats.Payloads;
using Firn.Formats.Releases;
using Firn.Formats.Trees;

namespace Firn.Tests.Machine;

/// <summary>A small disk with all that Firn expects of one, and releases that fit it.</summary>
internal static class TestDisk
{
    public const string Hardware = "test-pc";
    public const int BootPartitionBytes = 4 << 20;
    public const int RootPartitionBytes = 3 << 20;
    public const int DataPartitionBytes = 2 << 20;

    /// <summary>The disk; slot a holds version 1 and is confirmed, slot b is empty unless a version is given.</summary>
    public static byte[] Make(BootState? state = null, string? versionB = null, string? versionRescue = null, Func<string, TestRelease>? make = null, byte[]? grubConfig = null)
    {
        var table = Table(hasRescue: versionRescue is not null);
        var disk = new byte[table.SectorCount * GptTable.SectorBytes];
        GptWriter.Write(table, new MemoryStream(disk));
        Put(disk, table, DiskLayout.EspPartition, Esp(state ?? new BootState(Slot.A), grubConfig ?? "# boots"u8.ToArray()));
        foreach (var (slot, version) in new[] { (Slot.A, "1"), (Slot.B, versionB), (Slot.Rescue, versionRescue) })
        {
            if (version is null) continue;
            var release = (make ?? (name => TestRelease.Make(name)))(version);
            Put(disk, table, DiskLayout.BootPartition(slot), release.Boot);
            Put(disk, table, DiskLayout.RootPartition(slot), release.Root);
        }
        return disk;
    }

    public static GptTable Table(bool hasRescue = false)
    {
        var partitions = ImmutableArray.CreateBuilder<GptPartition>();
        long sector = GptTable.AlignmentSectors;
        Add(DiskLayout.BiosPartition, GptTypes.BiosBoot, 1 << 20);
        Add(DiskLayout.EspPartition, GptTypes.Esp, BootPartitionBytes);
        foreach (var slot in hasRescue ? [Slot.A, Slot.B, Slot.Rescue] : new[] { Slot.A, Slot.B })
        {
            Add(DiskLayout.BootPartition(slot), GptTypes.BasicData, BootPartitionBytes);
            Add(DiskLayout.RootPartition(slot), GptTypes.LinuxRootX64, RootPartitionBytes);
        }
        Add(DiskLayout.DataPartition, GptTypes.LinuxData, DataPartitionBytes);
        return new(GptIds.Derive("test", "disk"), sector + GptTable.AlignmentSectors, partitions.ToImmutable());

        void Add(string name, Guid type, int sizeBytes)
        {
            var sectors = sizeBytes / GptTable.SectorBytes;
            partitions.Add(new(partitions.Count + 1, name, type, GptIds.Derive("test", name), sector, sector + sectors - 1));
            sector += sectors;
        }
    }

    /// <summary>Where a partition's bytes are.</summary>
    public static Span<byte> Partition(byte[] disk, string name)
    {
        var partition = GptReader.Read(new MemoryStream(disk)).Find(name)!;
        return disk.AsSpan((int)partition.OffsetBytes, (int)partition.SizeBytes);
    }

    /// <summary>Where a copy of the boot state is.</summary>
    public static Span<byte> Environment(byte[] disk, string path)
    {
        var esp = Partition(disk, DiskLayout.EspPartition);
        var fat = new FatReader(new MemoryStream(esp.ToArray()));
        return esp.Slice((int)fat.Extents(fat.Find(path)!)[0].OffsetBytes, GrubEnvironment.Size);
    }

    public static byte[] Fat(FileTree files, int sizeBytes)
    {
        var volume = new MemoryStream(new byte[sizeBytes]);
        FatWriter.Write(files, new(sizeBytes, "TEST", 1, 0, DateTimeOffset.UnixEpoch), volume);
        return volume.ToArray();
    }

    private static byte[] Esp(BootState state, byte[] grubConfig)
    {
        var block = FileContent.Of(new GrubEnvironment(state.ToVariables()).ToBytes());
        var files = new FileTree();
        files.Put(DiskLayout.GrubConfig, new(FileKind.File) { Content = FileContent.Of(grubConfig) });
        files.Put(DiskLayout.PrimaryEnvironment, new(FileKind.File) { Content = block });
        files.Put(DiskLayout.BackupEnvironment, new(FileKind.File) { Content = block });
        return Fat(files, BootPartitionBytes);
    }

    private static void Put(byte[] disk, GptTable table, string partition, byte[] content) =>
        content.CopyTo(disk, table.Find(partition)!.OffsetBytes);
}

/// <summary>A release whose bytes follow from its version.</summary>
internal sealed record TestRelease(ReleaseManifest Manifest, byte[] Boot, byte[] Root)
{
    public static TestRelease Make(
        string version, string hardware = TestDisk.Hardware, int rootBytes = 2_500_123, int bootBytes = 3 << 20,
        byte[]? kernel = null)
    {
        var root = new byte[rootBytes];
        new Random(version.Aggregate(17, (seed, c) => seed * 31 + c)).NextBytes(root);
        return Make(version, hardware, root, bootBytes, kernel);
    }

    /// <summary>One with these contents.</summary>
    public static TestRelease Of(string version, byte[] root, byte[] kernel) => Make(version, TestDisk.Hardware, root, 3 << 20, kernel);

    private static TestRelease Make(string version, string hardware, byte[] root, int bootBytes, byte[]? kernel = null)
    {
        var rootHash = Convert.ToHexStringLower(SHA256.HashData(root));

        var files = new FileTree();
        files.Put(DiskLayout.Kernel, new(FileKind.File) { Content = kernel is null ? FileContent.Of("kernel " + version) : FileContent.Of(kernel) });
        Put(DiskLayout.Initramfs, "initramfs " + version);
        Put(DiskLayout.SlotConfig, "set firn_slot_format=1\n");
        files.Put(DiskLayout.SlotRelease, new(FileKind.File)
        {
            Content = FileContent.Of(new SlotRelease(1, "test-os", version, hardware, root.Length, rootHash).ToJson()),
        });
        var boot = TestDisk.Fat(files, bootBytes);
        return new(
            new(1, "test-os", version, hardware,
                new("boot.img", boot.Length, Convert.ToHexStringLower(SHA256.HashData(boot))),
                new("root.squashfs", root.Length, rootHash),
                new("test", 0, ImmutableSortedDictionary<string, string>.Empty)),
            boot, root);

        void Put(string name, string text) => files.Put(name, new(FileKind.File) { Content = FileContent.Of(text) });
    }

    /// <summary>The same with an index of its root image, in blocks of about so many bytes; its boot image is taken whole.</summary>
    public TestRelease WithIndex(int blockBytes = 20_000)
    {
        var index = IndexOf(Root, blockBytes);
        var bytes = index.ToBytes();
        var file = ReleaseFile.Of("root.squashfs.idx", bytes, index.Head.SizeBytes);
        return this with { Manifest = Manifest with { Root = Manifest.Root with { Index = file } }, RootIndex = bytes };
    }

    public byte[]? RootIndex { get; init; }

    public static BlockIndex IndexOf(byte[] image, int blockBytes) => BlockIndex.Of(
        FileContent.Of(image), Enumerable.Range(0, image.Length / blockBytes).Select(i => (long)i * blockBytes + i % 7));

    /// <summary>Another version of it, with a root image that differs in these bytes.</summary>
    public TestRelease Changed(string version, params Range[] changes)
    {
        var root = Root.ToArray();
        foreach (var change in changes) new Random(root.Length).NextBytes(root.AsSpan()[change]);
        return Make(version, Manifest.Hardware, root, Boot.Length);
    }

    public byte[] File(string name) => name == Manifest.Boot.File ? Boot : name == Manifest.Root.File ? Root
        : name == ReleaseManifest.FileName ? Manifest.ToJson() : RootIndex!;

    /// <summary>Writes it as a release directory.</summary>
    public string WriteTo(string directory)
    {
        Directory.CreateDirectory(directory);
        System.IO.File.WriteAllBytes(Path.Combine(directory, ReleaseManifest.FileName), Manifest.ToJson());
        System.IO.File.WriteAllBytes(Path.Combine(directory, Manifest.Boot.File), Boot);
        System.IO.File.WriteAllBytes(Path.Combine(directory, Manifest.Root.File), Root);
        if (Manifest.Root.Index is { } index) System.IO.File.WriteAllBytes(Path.Combine(directory, index.File), RootIndex!);
        return directory;
    }
}
