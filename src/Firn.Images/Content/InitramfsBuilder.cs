using System.Collections.Immutable;
using Firn.Formats.Cpio;
using Firn.Formats.Elf;
using Firn.Formats.KernelModules;
using Firn.Formats.Overlays;
using Firn.Formats.Trees;
using Firn.Images.Building;
using Firn.Images.Recipes;
using Firn.Linux.Compression;

namespace Firn.Images.Content;

/// <summary>An initramfs and what is in it.</summary>
/// <param name="Bytes">A cpio archive, compressed with zstd.</param>
/// <param name="Modules">Names of the kernel modules in it.</param>
/// <param name="Notes">What was wanted and is not there: modules this kernel does not have, firmware that is missing.</param>
internal sealed record Initramfs(byte[] Bytes, ImmutableArray<string> Modules, ImmutableArray<string> Notes);

/// <summary>
/// Puts together the few files that bring a machine from its kernel to its root image: busybox, <c>init.sh</c>, and the
/// kernel modules of storage and filesystems with all they depend on. Everything else waits in the root image.
/// </summary>
internal sealed class InitramfsBuilder(FileTree root, Kernel kernel, Recipe recipe, long epoch)
{
    private const int CompressionLevel = 19;

    /// <summary>Loaded by name before anything else.</summary>
    private static readonly string[] AlwaysLoaded = ["squashfs", "overlay", "ext4", "loop"];

    /// <summary>Loaded by the kernel's aliases where their hardware is.</summary>
    private static readonly string[] Storage =
    [
        "virtio_pci", "virtio_mmio", "virtio_blk", "virtio_scsi", "nvme", "ahci", "ata_piix", "sd_mod", "usb_storage",
        "uas", "xhci_pci", "ehci_pci", "sdhci_pci", "sdhci_acpi", "mmc_block", "hv_storvsc", "xen_blkfront",
        "vmw_pvscsi", "mptspi", "mpt3sas", "megaraid_sas",
    ];

    /// <summary>Drivers of the watchdogs that GRUB arms.</summary>
    public static readonly string[] WatchdogDrivers = ["i6300esb", "iTCO_wdt"];

    /// <summary>
    /// What puts a root image behind its root hash; vfat, to read what another slot says its hash is. Of the second row many kernels
    /// have some built in, or under another name, and can do without.
    /// </summary>
    private static readonly string[] VerityDrivers = ["dm_mod", "dm_verity", "vfat"];
    private static readonly string[] VerityHelpers = ["sha256_ssse3", "sha256_generic", "nls_cp437", "nls_ascii", "nls_iso8859_1", "nls_utf8"];

    public Initramfs Build()
    {
        var tree = new FileTree();
        var loaded = AlwaysLoaded.Concat(recipe.Kernel.Modules).Concat(recipe.Update.Watchdog is null ? [] : WatchdogDrivers)
            .Concat(recipe.Verity is null ? [] : VerityModules()).ToArray();
        var (modules, notes) = AddModules(tree, [.. loaded, .. Storage]);
        CheckWatchdog(modules);
        if (recipe.Verity is not null) AddMapper(tree);

        Put(tree, "bin/busybox", FindBusybox(), 0x1ed);
        Put(tree, "init", FileContent.Of(EmbeddedFile.Read("init.sh")), 0x1ed);
        Put(tree, "etc/firn-init.conf", FileContent.Of(Settings(loaded)), 0x1a4);
        foreach (var directory in new[] { "proc", "sys", "dev", "run", "sysroot", "sbin" }) tree.Directory(directory, epoch);
        // The kernel opens it for the first process, before that can mount anything.
        tree.Put("dev/console", new(FileKind.CharacterDevice) { Device = new(5, 1), Mode = 0x180, ModifiedSeconds = epoch });

        using var bytes = new MemoryStream();
        using (var compressed = new ZstdCompressStream(bytes, CompressionLevel, leaveOpen: true)) CpioWriter.Write(tree, compressed);
        return new(bytes.ToArray(), modules, notes);
    }

    private (ImmutableArray<string> Modules, ImmutableArray<string> Notes) AddModules(FileTree tree, IEnumerable<string> wanted)
    {
        var index = ModuleIndex.Read(kernel.Modules);
        var closure = index.Closure(wanted);
        var notes = ImmutableArray.CreateBuilder<string>();
        if (closure.Missing.Length > 0)
            notes.Add($"kernel {kernel.Release} has no {string.Join(", ", closure.Missing)}: a machine that needs one of them for its disk will not start");
        var directory = $"lib/modules/{kernel.Release}";
        foreach (var module in closure.Modules)
        {
            var stored = Find(module.Path) ?? throw new InvalidDataException(
                $"modules.dep of kernel {kernel.Release} names {module.Path}, which is not in the root filesystem");
            var plain = ModuleFile.Decompress(module.Path, stored.Content.ReadAll());
            Put(tree, $"{directory}/{ModuleFile.PlainName(module.Path)}", FileContent.Of(plain), 0x1a4);
            foreach (var firmware in ModuleInfo.Read(plain).Firmware) AddFirmware(tree, firmware, module.Name, notes);
        }
        var chosen = index.Only(closure);
        Text("modules.dep", ModuleFile.PlainNames(chosen.DepText()));
        Text("modules.alias", chosen.AliasText());
        Text("modules.softdep", chosen.SoftDepText());
        Text("modules.builtin", chosen.BuiltInText());
        return ([.. closure.Modules.Select(module => module.Name)], notes.ToImmutable());

        void Text(string name, string text) => Put(tree, $"{directory}/{name}", FileContent.Of(text), 0x1a4);
    }

    private void AddFirmware(FileTree tree, string name, string module, ImmutableArray<string>.Builder notes)
    {
        var file = root.Resolve($"usr/lib/firmware/{name}") ?? root.Resolve($"lib/firmware/{name}");
        if (file is { Kind: FileKind.File }) Put(tree, $"lib/firmware/{name}", file.Content, 0x1a4);
        else notes.Add($"firmware {name}, which {module} may ask for, is not in the root filesystem");
    }

    /// <summary>An armed watchdog that nobody feeds restarts a healthy machine: the kernel must have a driver.</summary>
    private void CheckWatchdog(ImmutableArray<string> modules)
    {
        if (recipe.Update.Watchdog is not null && !modules.Intersect(WatchdogDrivers).Any())
            throw new InvalidDataException(
                $"update.watchdog: kernel {kernel.Release} has neither {string.Join(" nor ", WatchdogDrivers)}; "
                + "use a kernel that has (linux-image-amd64), or leave the watchdog off");
    }

    /// <exception cref="InvalidDataException">The kernel cannot do it.</exception>
    private IEnumerable<string> VerityModules()
    {
        var index = ModuleIndex.Read(kernel.Modules);
        if (index.Closure(VerityDrivers).Missing is { Length: > 0 } missing)
            throw new InvalidDataException($"verity: kernel {kernel.Release} has no {string.Join(", ", missing)}; use a kernel that has (linux-image-amd64), or leave verity off");
        return VerityDrivers.Concat(VerityHelpers.Where(name => index.Closure([name]).Missing.IsEmpty));
    }

    /// <summary>dmsetup, for kernels make no such device by themselves, and all that it loads.</summary>
    private void AddMapper(FileTree tree)
    {
        foreach (var (path, node) in ProgramClosure.Of(root, "sbin/dmsetup", "verity", "dmsetup")) Put(tree, path, node.Content, 0x1ed);
    }

    private string Settings(string[] loaded) =>
        $"""
        MODULES="{string.Join(' ', loaded)}"
        PERSIST_ETC={Word(recipe.Persistence.Etc)}
        PERSIST_VAR={Word(recipe.Persistence.Var)}
        PERSIST_HOME={Word(recipe.Persistence.Home)}
        PERSIST_ROOT={Word(recipe.Persistence.Root)}
        VERITY={(recipe.Verity is { OnCorruption: var response } ? response.ToString().ToLowerInvariant() : "")}
        CONTAINERS='{string.Join(' ', ContainerStorage.Directories(recipe))}'
        OVERLAYS={(recipe.Overlays is null ? "" : "yes")}
        OVERLAY_SOURCES='{string.Join(',', recipe.Overlays?.Sources ?? [])}'
        OVERLAY_FAILURE={(recipe.Overlays?.OnFailure == OverlayFailure.Rescue ? "rescue" : "")}

        """;

    private static string Word(Persistence persistence) => persistence == Persistence.Data ? "data" : "none";

    /// <summary>A static busybox, from the root filesystem if it has one, else of the machine that builds.</summary>
    private FileContent FindBusybox()
    {
        var candidates = new[] { "usr/bin/busybox", "bin/busybox" }.Select(root.Resolve)
            .Where(node => node is { Kind: FileKind.File }).Select(node => node!.Content.ReadAll());
        if (File.Exists("/usr/bin/busybox")) candidates = candidates.Append(File.ReadAllBytes("/usr/bin/busybox"));
        if (File.Exists("/bin/busybox")) candidates = candidates.Append(File.ReadAllBytes("/bin/busybox"));
        var busybox = candidates.FirstOrDefault(program =>
            ElfDynamic.Read(program) is not { Interpreter: not null }
            && program.AsSpan().IndexOf("switch_root"u8) >= 0 && program.AsSpan().IndexOf("hexdump"u8) >= 0);
        return FileContent.Of(busybox ?? throw new ToolException(
            "no static busybox found in the root filesystem or on this machine; install the package busybox-static"));
    }

    private FileNode? Find(string path)
    {
        var node = kernel.Modules;
        foreach (var part in path.Split('/'))
            if (!node.Children.TryGetValue(part, out node!)) return null;
        return node.Kind == FileKind.File ? node : null;
    }

    private void Put(FileTree tree, string path, FileContent content, uint mode) =>
        tree.Put(path, new(FileKind.File) { Content = content, Mode = mode, ModifiedSeconds = epoch });
}
