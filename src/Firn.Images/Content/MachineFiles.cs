using System.Text;
using Firn.Formats.Agents;
using Firn.Formats.Elf;
using Firn.Formats.Overlays;
using Firn.Formats.Releases;
using Firn.Formats.Resets;
using Firn.Formats.Trees;
using Firn.Images.Recipes;

namespace Firn.Images.Content;

/// <summary>What Firn itself puts into a root filesystem so that it can live on a machine.</summary>
internal static class MachineFiles
{
    private const string Program = "usr/bin/firn";
    private const string Units = "usr/lib/systemd/system";

    /// <summary>Loaded by name at run time, so no ELF header names them: cryptography of .NET, and zstd.</summary>
    private static readonly string[] LibrariesLoadedLater = ["libssl.so.3", "libcrypto.so.3"];

    private static readonly Dictionary<string, string> PackageOfLibrary = new()
    {
        ["libstdc++.so.6"] = "libstdc++6",
        ["libgcc_s.so.1"] = "libgcc-s1",
        ["libssl.so.3"] = "libssl3",
        ["libcrypto.so.3"] = "libssl3",
    };

    /// <param name="program">The published <c>firn</c>.</param>
    /// <exception cref="InvalidDataException">The root filesystem lacks a library that <c>firn</c> needs.</exception>
    public static void Add(FileTree tree, FileContent program, Recipe recipe, long epoch)
    {
        CheckLibraries(tree, program);
        Put(Program, program, 0x1ed);
        tree.Directory("etc/firn/health.d", epoch);
        if (recipe.Repository is { } repository)
        {
            Put(RepositorySettings.SettingsPath, FileContent.Of(repository.Settings.ToJson()), 0x1a4);
            Put(RepositorySettings.RootPath, FileContent.Of(File.ReadAllBytes(repository.RootFile)), 0x1a4);
            if (repository.CaFile is { } ca) Put(RepositorySettings.CaPath, FileContent.Of(File.ReadAllBytes(ca)), 0x1a4);
        }
        if (recipe.Overlays is { } overlays) Put(OverlaySettings.SettingsPath, FileContent.Of(overlays.ToText()), 0x1a4);
        if (!recipe.Keep.IsEmpty)
            Put(KeepPattern.SettingsPath, FileContent.Of(string.Concat(recipe.Keep.Select(pattern => $"keep={pattern}\n"))), 0x1a4);
        if (recipe.Rescue is { } rescue)
            Put(RecipeRescue.SettingsPath, FileContent.Of($"wait={(rescue.IsWaiting ? "yes" : "no")}\n{string.Concat(rescue.Keep.Select(pattern => $"keep={pattern}\n"))}"), 0x1a4);
        ContainerStorage.Check(tree, recipe);
        if (ContainerStorage.Settings(recipe) is { } agent) Put(AgentSettings.SettingsPath, FileContent.Of(agent.ToText()), 0x1a4);
        foreach (var rules in recipe.Devices?.Rules ?? [])
            Put($"etc/firn/devices/{Path.GetFileName(rules)}", FileContent.Of(File.ReadAllBytes(rules)), 0x1a4);
        foreach (var unit in recipe.Services?.Units ?? [])
            Put($"{ServiceUnits.Directory}/{Path.GetFileName(unit)}", FileContent.Of(File.ReadAllBytes(unit)), 0x1a4);
        if (recipe.Services is not null) Put("etc/firn/health.d/10-services", FileContent.Of(EmbeddedFile.Read("pm-health.sh")), 0x1ed);
        var host = ServiceUnits.HostOf(recipe, tree);
        if (host == ServiceHost.Init) Put(ServiceUnits.FirstProcess, FileContent.Of(EmbeddedFile.Read("pm-init.sh")), 0x1ed);
        if (recipe.Services is not null && host != ServiceHost.Systemd)
        {
            foreach (var (name, text) in ServiceUnits.Own(recipe))
                Put($"{ServiceUnits.Directory}/{name}.yaml", FileContent.Of(Encoding.UTF8.GetBytes(text)), 0x1a4);
            return;
        }
        if (tree.Resolve(Units) is not { IsDirectory: true }) return;

        if (recipe.Services is not null) PutUnit("firn-pm.service", EmbeddedFile.Read("firn-pm.service"));
        PutUnit("firn-confirm.service", EmbeddedFile.Read("firn-confirm.service"));
        if (recipe.Agent is not null) PutUnit("firn-agent.service", EmbeddedFile.Read("firn-agent.service"));
        if (recipe.Layout.HasRescue) PutUnit("firn-rescue.service", EmbeddedFile.Read("firn-rescue.service"));
        if (recipe.HasWeb) PutUnit("firn-web.service", EmbeddedFile.Read("firn-web.service"));
        if (recipe.Devices is { } devices)
            PutUnit("firn-device.service", Encoding.UTF8.GetBytes(
                Encoding.UTF8.GetString(EmbeddedFile.Read("firn-device.service")).Replace("--manager auto", $"--manager {devices.Manager}")));
        if (recipe.Update.Watchdog is { } watchdog)
            Put("usr/lib/systemd/system.conf.d/50-firn-watchdog.conf", FileContent.Of(
                $"# The boot loader armed it before the kernel started, the initramfs fed it; PID 1 goes on.\n[Manager]\n"
                + $"RuntimeWatchdogSec={(int)watchdog.TotalSeconds}\nRebootWatchdogSec={(int)watchdog.TotalSeconds}\n"), 0x1a4);

        void PutUnit(string name, byte[] unit)
        {
            Put($"{Units}/{name}", FileContent.Of(unit), 0x1a4);
            tree.Put($"{Units}/multi-user.target.wants/{name}", new(FileKind.Symlink) { LinkTarget = $"../{name}", ModifiedSeconds = epoch });
        }

        void Put(string path, FileContent content, uint mode) =>
            tree.Put(path, new(FileKind.File) { Content = content, Mode = mode, ModifiedSeconds = epoch });
    }

    /// <summary>Kernel and initramfs live in the boot image; the root image does not carry them a second time.</summary>
    public static void RemoveBootFiles(FileTree tree)
    {
        foreach (var link in new[] { "vmlinuz", "vmlinuz.old", "initrd.img", "initrd.img.old" }) tree.Remove(link);
        if (tree.Find("boot") is not { IsDirectory: true } boot) return;
        string[] prefixes = ["vmlinuz", "initrd.img", "System.map"];
        foreach (var name in boot.Children.Keys.ToArray())
            if (prefixes.Any(prefix => name.ToString().StartsWith(prefix, StringComparison.Ordinal))) boot.Children.Remove(name);
    }

    private static void CheckLibraries(FileTree tree, FileContent program)
    {
        var needed = ElfDynamic.Read(program.ReadAll())
            ?? throw new InvalidDataException("the firn for the image is not a program: publish it with ./publish.sh");
        string[] places = ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib64", "lib64", "usr/lib", "lib"];
        var missing = needed.Needed.Concat(LibrariesLoadedLater)
            .Where(library => !places.Any(place => tree.Resolve($"{place}/{library}") is { Kind: FileKind.File }))
            .Select(library => PackageOfLibrary.GetValueOrDefault(library, library)).Distinct().ToArray();
        if (missing.Length > 0)
            throw new InvalidDataException(
                $"the root filesystem lacks what /usr/bin/firn needs; add the packages {string.Join(", ", missing)}");
    }
}
