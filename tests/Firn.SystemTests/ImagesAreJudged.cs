using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Firn.Images.Building;
using Firn.Images.Content;
using Firn.Images.Recipes;

namespace Firn.SystemTests;

/// <summary>
/// A whole Debian with systemd, SSH and containers, made into a disk from its tar archive and nothing else, and held against
/// that archive by programs that are not ours.
/// </summary>
public sealed partial class ImagesAreJudged : IDisposable
{
    private const long Epoch = 1_600_000_000;

    /// <summary>What docs/reference/recipe.md says is changed by itself: the only places where image and archive may differ.</summary>
    private static readonly ImmutableArray<Regex> Ours =
    [
        new("^(boot|data|dev|etc|mnt|var/tmp)?$"), new("^(proc|run|sys|tmp|var/tmp)(/|$)"),
        new("^(vmlinuz|initrd\\.img)(\\.old)?$"), new("^boot/(vmlinuz|initrd\\.img|System\\.map)"),
        new("^etc/(\\.pwd\\.lock|fstab|hostname|hosts|machine-id|resolv\\.conf|(passwd|shadow|group|gshadow)-?|ld\\.so\\.cache)$"),
        new("^etc/(ssh(/ssh_host_[^/]*)?|firn(/health\\.d)?)$"), new("^var/lib/(dbus(/machine-id)?|systemd(/random-seed)?)$"),
        new("^var/(cache|log|lib/apt/lists)(/|$)"), new("^var/lib/dpkg(/[^/]*-old)?$"), new("^usr/bin(/firn)?$"),
        new("^usr/lib/systemd/system((/[a-z-]+\\.target\\.wants)?(/firn-[^/]+)?)?$"),
    ];

    private readonly TemporaryDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Every_entry_of_the_archive_is_in_the_image_and_every_partition_holds_what_it_should()
    {
        HostTool.RequireRoot();
        var archive = Archive();
        var output = _scratch["out"];
        Build($"tar: {archive}", output);

        Listings_agree(archive, $"{output}/root.squashfs");
        Mounted_it_compares_equal(archive, $"{output}/root.squashfs");
        Unpacked_by_unsquashfs_it_compares_equal(archive, $"{output}/root.squashfs");
        Partition_table_and_filesystems_are_clean($"{output}/disk.img");
    }

    [Fact]
    public void The_same_recipe_and_inputs_give_the_same_bytes()
    {
        HostTool.RequireRoot();
        var recipe = _scratch["recipe.yaml"];
        File.WriteAllText(recipe, $$"""
            name: twice
            version: "1"
            source: { tar: {{Archive()}} }
            users: [{ name: app, password: secret }]
            files: [{ path: /opt/app, content: "x" }]
            commands: ["date > /dev/null; echo $SOURCE_DATE_EPOCH > /opt/when"]
            layout: { rescue: true }
            """);

        // Another directory, time zone, mask, language, number of cores, and a second later.
        HostTool.Run("sh", "-c", $"SOURCE_DATE_EPOCH={Epoch} TZ=UTC {Repository.MachineProgram} image build {recipe} -o {_scratch["one"]} --compress-disk");
        HostTool.Run("sh", "-c", $"umask 077; SOURCE_DATE_EPOCH={Epoch} TZ=Asia/Tokyo LC_ALL=C.UTF-8 taskset -c 0 "
            + $"{Repository.MachineProgram} image build {recipe} -o {_scratch["two/deeper"]} --compress-disk");

        Assert.Equal(Hashes(_scratch["one"]), Hashes(_scratch["two/deeper"]));
        Assert.Equal(7, Hashes(_scratch["one"]).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact, Trait("When", "Night")]
    public void A_package_list_gives_the_same_bytes_without_a_cache_too()
    {
        HostTool.RequireRoot();
        foreach (var name in new[] { "one", "two" })
            HostTool.Run("sh", "-c", $"SOURCE_DATE_EPOCH={Epoch} {Repository.MachineProgram} image build "
                + $"{Repository.Root}/tests/Firn.SystemTests/recipes/tiny.yaml -o {_scratch[name]} --cache {_scratch["cache-" + name]}");

        Assert.Equal(Hashes(_scratch["one"]), Hashes(_scratch["two"]));
    }

    private static void Listings_agree(string archive, string image)
    {
        // -rw-r--r-- 0/0    5 2020-09-13 12:26 ./etc/x      and      -rw-r--r-- 0/0    5 2020-09-13 12:26 squashfs-root/etc/x
        var expected = Entries(HostTool.Run("sh", "-c", $"TZ=UTC tar --numeric-owner --quoting-style=literal -tvf {archive}"), "./");
        var found = Entries(HostTool.Run("sh", "-c", $"TZ=UTC unsquashfs -lln {image}"), "squashfs-root/");

        var differences = expected.Keys.Union(found.Keys).Where(path => !IsOurs(path))
            .Where(path => expected.GetValueOrDefault(path) != found.GetValueOrDefault(path))
            .Select(path => $"{path}: {expected.GetValueOrDefault(path)} became {found.GetValueOrDefault(path)}").ToArray();
        Assert.Empty(differences);
        Assert.True(expected.Count > 10_000, $"{expected.Count} entries only");
    }

    /// <summary>Path → mode, owner, size or device, time, link target.</summary>
    private static Dictionary<string, string> Entries(string listing, string prefix)
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        var hardLinks = new List<(string Path, string Target)>();
        foreach (var line in listing.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var match = Line().Match(line);
            Assert.True(match.Success, line);
            var (mode, owner, size, time, name) = (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value, match.Groups[4].Value, match.Groups[5].Value);
            if (mode[0] == 'h' && name.Split(" link to ") is [var linked, var to])
            {
                hardLinks.Add((Relative(linked), Relative(to)));
                continue;
            }
            var target = mode[0] == 'l' ? name[name.IndexOf(" -> ", StringComparison.Ordinal)..] : "";
            if (target.Length > 0) name = name[..^target.Length];
            if (mode[0] is 'd' or 'l') size = "";    // tar has none, squashfs that of its listing
            entries[Relative(name)] = $"{mode} {owner} {size.Replace(" ", "")} {time}{target}";
        }
        foreach (var (path, target) in hardLinks) entries[path] = entries[target];
        return entries;

        string Relative(string name)
        {
            name = name.TrimEnd('/');
            return name == prefix.TrimEnd('/') ? "" : name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
        }
    }

    private void Mounted_it_compares_equal(string archive, string image)
    {
        var target = Directory.CreateDirectory(_scratch["mounted"]).FullName;
        HostTool.Run("mount", "-t", "squashfs", "-o", "loop,ro", image, target);
        try
        {
            Compare(archive, target);
        }
        finally
        {
            HostTool.Run("umount", target);
        }
    }

    private void Unpacked_by_unsquashfs_it_compares_equal(string archive, string image)
    {
        HostTool.Run("unsquashfs", "-quiet", "-no-progress", "-dest", _scratch["unpacked"], image);
        Compare(archive, _scratch["unpacked"]);
    }

    /// <summary>GNU tar compares content, owner, mode, time to the second, links and devices; of attributes it compares none.</summary>
    private void Compare(string archive, string directory)
    {
        var report = HostTool.Run("sh", "-c", $"tar --compare --numeric-owner -f {archive} -C {directory} 2>&1; [ $? -le 2 ]");
        var differences = report.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith("tar: Exiting", StringComparison.Ordinal))
            .Select(line => Difference().Match(line) is { Success: true } match ? (Path: match.Groups[1].Value.TrimEnd('/'), Line: line) : (Path: "?", Line: line))
            .Where(each => !IsOurs(each.Path)).Select(each => each.Line);
        Assert.Empty(differences);

        var reference = Directory.CreateDirectory(_scratch["reference"]).FullName;
        if (!Directory.Exists($"{reference}/usr"))
            HostTool.Run("tar", "--numeric-owner", "--xattrs", "--xattrs-include=*", "-xf", archive, "-C", reference);
        const string attributes = "getfattr -R -h -d -m '^(security|user|trusted)\\.' -e hex . 2>/dev/null";
        var expected = HostTool.Run("sh", "-c", $"cd {reference} && {attributes}; true");
        Assert.Contains("security.capability", expected);
        Assert.Equal(expected, HostTool.Run("sh", "-c", $"cd {directory} && {attributes}; true"));
    }

    private void Partition_table_and_filesystems_are_clean(string disk)
    {
        Assert.Contains("No problems found", HostTool.Run("sgdisk", "-v", disk));
        HostTool.Run("sfdisk", "--verify", disk);
        var partitions = Partition().Matches(HostTool.Run("sfdisk", "--dump", disk))
            .ToDictionary(match => match.Groups[3].Value, match => (Start: match.Groups[1].Value, Size: match.Groups[2].Value));
        Assert.Equal(
            ["firn-bios", "firn-boot-a", "firn-boot-b", "firn-data", "firn-esp", "firn-root-a", "firn-root-b"],
            partitions.Keys.Order(StringComparer.Ordinal));

        foreach (var name in new[] { "firn-esp", "firn-boot-a" })
        {
            var (start, size) = partitions[name];
            HostTool.Run("dd", $"if={disk}", $"of={_scratch[name]}", "bs=512", $"skip={start}", $"count={size}", "conv=sparse", "status=none");
            HostTool.Run("fsck.fat", "-n", "-V", _scratch[name]);
        }
        Assert.Contains("BOOTX64", HostTool.Run("mdir", "-b", "-i", _scratch["firn-esp"], "::/EFI/BOOT"));
        var root = partitions["firn-root-a"];
        HostTool.Run("unsquashfs", "-s", "-o", $"{long.Parse(root.Start) * 512}", disk);
    }

    /// <summary>What mmdebstrap makes of the example's package list.</summary>
    private static string Archive()
    {
        var example = Path.Combine(Repository.Root, "examples", "edge-box", "recipe.yaml");
        var source = Assert.IsType<RecipeSource.Debian>(RecipeReader.Read(example).Source);
        return DebianSource.Make(source, RootSource.DefaultEpoch, Path.Combine(TestImages.Cache, "images"), new(TestImages.Cache), _ => { });
    }

    private static void Build(string source, string output) => ImageBuilder.Build(new(
        RecipeReader.Read($"name: judged\nversion: \"1\"\nsource: {{ {source} }}\n", "recipe.yaml", output), output,
        Repository.MachineProgram, CacheDirectory: null, IsDiskCompressed: false, "firn test"));

    private static string Hashes(string directory) => HostTool.Run("sh", "-c", $"cd {directory} && sha256sum -- *");

    private static bool IsOurs(string path) => Ours.Any(pattern => pattern.IsMatch(path));

    [GeneratedRegex("""^(\S{10}) (\d+/\d+) +(\d+|\d+, *\d+) (\d{4}-\d\d-\d\d \d\d:\d\d) (.*)$""")]
    private static partial Regex Line();

    [GeneratedRegex("""^(?:tar: )?(?:\./)?(.*?): (?:Warning: Cannot|Mode|Uid|Gid|Mod time|Size|Contents|File type|Symlink|Not linked|Device)""")]
    private static partial Regex Difference();

    [GeneratedRegex("""start= *(\d+), size= *(\d+),.*name="([^"]+)"(?:,|$)""", RegexOptions.Multiline)]
    private static partial Regex Partition();
}
