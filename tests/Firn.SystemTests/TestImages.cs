using System.Collections.Concurrent;
using Firn.Formats.Fat;
using Firn.Formats.Payloads;
using Firn.Formats.Releases;
using Firn.Formats.Trees;
using Firn.Images.Building;
using Firn.Images.Recipes;

namespace Firn.SystemTests;

/// <summary>
/// Images and releases that stories start from, each built once a test run, from the recipes under <c>recipes/</c> with
/// small changes of their text. Package lists come from a cache under <c>artifacts/</c>.
/// </summary>
internal static class TestImages
{
    private static readonly ConcurrentDictionary<string, Lazy<string>> Built = new();
    private static readonly Lock Building = new();

    /// <summary>Served to the machines; holds a directory for each release.</summary>
    public static string Releases { get; } = Fresh("releases");

    /// <summary>What mmdebstrap made, kept between runs.</summary>
    public static string Cache { get; } = Path.Combine(Repository.Artifacts, "cache");

    public static string Tiny => Build("tiny-1", "tiny", text => text);
    public static string TinyWithRescue => Build("tiny-rescue", "tiny", text => text + "layout: { rescue: true }\n");

    /// <summary>Its kernel has watchdog drivers, and GRUB arms the watchdog.</summary>
    public static string TinyWithWatchdog => Build("tiny-watchdog", "tiny", WithWatchdog);

    /// <summary>A disk image's directory, made of a recipe after <paramref name="change"/>.</summary>
    public static string Build(string name, string recipe, Func<string, string> change) =>
        BuildIn(Path.Combine(Repository.Artifacts, name), recipe, change);

    /// <summary>The same, where machines can fetch it.</summary>
    public static void Release(string name, string recipe, Func<string, string> change) =>
        BuildIn(Path.Combine(Releases, name), recipe, change);

    public static void TinyRelease(string name, Func<string, string>? change = null, string version = "") =>
        Release(name, "tiny", text => Versioned((change ?? (same => same))(text), version.Length > 0 ? version : name));

    /// <summary>A release like <paramref name="original"/> but for some bytes of its kernel; its manifest agrees with them.</summary>
    public static void DamageKernel(string original, string name, Action<Span<byte>> damage)
    {
        Built.GetOrAdd(Path.Combine(Releases, name), target => new(() =>
        {
            Directory.CreateDirectory(target);
            foreach (var file in Directory.GetFiles(Path.Combine(Releases, original)))
                if (Path.GetFileName(file) != "disk.img") File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);

            using (var file = new FileStream(Path.Combine(target, "boot.img"), FileMode.Open))
            {
                var fat = new FatReader(file);
                var extent = Assert.Single(fat.Extents(fat.Find("vmlinuz")!));
                var kernel = new byte[extent.LengthBytes];
                file.Position = extent.OffsetBytes;
                file.ReadExactly(kernel);
                damage(kernel);
                file.Position = extent.OffsetBytes;
                file.Write(kernel);
            }
            var path = Path.Combine(target, ReleaseManifest.FileName);
            var manifest = ReleaseManifest.Read(File.ReadAllBytes(path));
            var boot = File.ReadAllBytes(Path.Combine(target, "boot.img"));
            var index = BlockIndex.Of(FileContent.Of(boot), BlockCuts.OfFat(new MemoryStream(boot)));
            File.WriteAllBytes(Path.Combine(target, "boot.img.idx"), index.ToBytes());
            var image = new ReleaseImage(
                "boot.img", boot.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(boot)),
                ReleaseFile.Of("boot.img.idx", index.ToBytes(), index.Head.SizeBytes));
            File.WriteAllBytes(path, (manifest with { Boot = image }).ToJson());
            return target;
        })).Value.ToString();
    }

    public static string Versioned(string text, string version) => text
        .Replace("version: \"1\"", $"version: \"{version}\"").Replace("content: \"1\\n\"", $"content: \"{version}\\n\"")
        .Replace("version 1\n", $"version {version}\n");

    /// <summary>linux-image-amd64 has the drivers; most of its other modules are left out to keep the image small.</summary>
    public static string WithWatchdog(string text) => text
        .Replace("linux-image-cloud-amd64", "linux-image-amd64")
        .Replace("remove: [", "remove: [/usr/lib/firmware, ") + "update: { watchdog: 40s }\n";

    private static string BuildIn(string directory, string recipe, Func<string, string> change)
    {
        return Built.GetOrAdd(directory, target => new(() =>
        {
            lock (Building)
            {
                var source = Path.Combine(Repository.Root, "tests", "Firn.SystemTests", "recipes", recipe + ".yaml");
                var text = change(File.ReadAllText(source));
                var result = ImageBuilder.Build(new(
                    RecipeReader.Read(text, source, Path.GetDirectoryName(source)!), target,
                    Repository.MachineProgram, Cache, IsDiskCompressed: false, "firn test"));
                return result.Directory;
            }
        })).Value;
    }

    private static string Fresh(string name)
    {
        var directory = Path.Combine(Repository.Artifacts, name);
        if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
        return Directory.CreateDirectory(directory).FullName;
    }
}
