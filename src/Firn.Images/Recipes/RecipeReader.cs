using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Firn.Formats.Agents;
using Firn.Formats.Overlays;
using Firn.Formats.Releases;
using Firn.Formats.Yaml;

namespace Firn.Images.Recipes;

/// <summary>
/// Reads a recipe and reports everything that is wrong with it at once. Files that it names are looked for, none is
/// opened. The keys are described in <c>docs/reference/recipe.md</c>.
/// </summary>
public sealed class RecipeReader
{
    /// <summary>No recipe a person writes is longer; a longer file is something else.</summary>
    public const int MaximumBytes = 1 << 20;

    private readonly RecipeProblems _problems;
    private readonly string _fileName;
    private readonly string _baseDirectory;

    private RecipeReader(string fileName, string baseDirectory)
    {
        _problems = new(fileName);
        (_fileName, _baseDirectory) = (fileName, Path.GetFullPath(baseDirectory));
    }

    /// <exception cref="RecipeException">The recipe is wrong, or is not UTF-8 text of at most <see cref="MaximumBytes"/>.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Recipe Read(string path)
    {
        using var file = File.OpenRead(path);
        if (file.Length > MaximumBytes) throw new RecipeException(new RecipeProblem(path, 0, TooLong(file.Length, "bytes")));
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\ufeff');
            return Read(text, path, Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (DecoderFallbackException error)
        {
            var line = 1 + bytes.AsSpan(0, Math.Clamp(error.Index, 0, bytes.Length)).Count((byte)'\n');
            throw new RecipeException(new RecipeProblem(path, line, "this is not UTF-8 text; save the recipe as UTF-8"));
        }
    }

    /// <param name="text">The recipe itself.</param>
    /// <param name="fileName">For messages.</param>
    /// <param name="baseDirectory">Where relative paths of the recipe begin.</param>
    /// <exception cref="RecipeException">The recipe is wrong.</exception>
    public static Recipe Read(string text, string fileName, string baseDirectory)
    {
        var reader = new RecipeReader(fileName, baseDirectory);
        if (text.Length > MaximumBytes) throw new RecipeException(new RecipeProblem(fileName, 0, TooLong(text.Length, "characters")));
        var recipe = YamlDocument.Read(text, "recipe", "name, version and source", reader._problems.Add) is { } root ? reader.ReadRecipe(root, text) : null;
        return reader._problems.IsEmpty ? recipe! : throw reader._problems.ToException();
    }

    private static string TooLong(long length, string unit) =>
        $"{length} {unit} are more than a recipe may have; expected at most {MaximumBytes}";

    private Recipe ReadRecipe(YamlNode root, string text)
    {
        var recipe = new RecipeSection(root, "", _problems,
            "name", "version", "hardware", "source", "files", "remove", "commands", "hostname", "users", "kernel",
            "serial", "layout", "squashfs", "persistence", "verity", "update", "rescue", "repository", "overlays", "agent", "containers", "devices", "services");
        var name = recipe.Required("name", ValueKinds.Name, "unnamed");
        var users = recipe.Items("users", "{ name: … }").Select(ReadUser).ToImmutableArray();
        var source = ReadSource(recipe);
        var layout = ReadLayout(recipe);
        var persistence = recipe.Section("persistence", "etc", "var", "home", "root", "keep");
        CheckUsers(users, recipe, source);
        return new()
        {
            FileName = _fileName,
            Digest = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}",
            Name = name,
            Version = recipe.Required("version", ValueKinds.Version, "0"),
            Hardware = recipe.Value("hardware", ValueKinds.Hardware, "x86-64"),
            Source = source,
            Files = [.. recipe.Items("files", "{ path: …, content: … }").Select(ReadFile).OfType<RecipeFile>()],
            Remove = recipe.List("remove", ValueKinds.TargetPath),
            Commands = [.. ReadCommands(recipe)],
            Hostname = recipe.Value("hostname", ValueKinds.Hostname, name),
            Users = users,
            Kernel = ReadKernel(recipe),
            SerialConsole = recipe.Value("serial", ValueKinds.Serial, "ttyS0"),
            Layout = layout,
            LayoutLine = recipe.LineOf("layout"),
            SquashFs = ReadSquashFs(recipe),
            Persistence = ReadPersistence(persistence),
            Keep = [.. persistence.List("keep", ValueKinds.KeepPattern)],
            Update = ReadUpdate(recipe),
            Verity = ReadVerity(recipe),
            Repository = recipe.Has("repository") ? ReadRepository(recipe.Section("repository", "urls", "root", "channel", "proxy", "ca")) : null,
            Rescue = ReadRescue(recipe, layout),
            Overlays = recipe.Has("overlays") ? ReadOverlays(recipe, layout) : null,
            Agent = recipe.Has("agent") ? ReadAgent(recipe) : null,
            Containers = recipe.Has("containers") ? ReadContainers(recipe.Section("containers", "runtimes", "check")) : null,
            Devices = recipe.Has("devices") ? ReadDevices(recipe.Section("devices", "rules", "manager")) : null,
            Services = recipe.Has("services") ? ReadServices(recipe.Section("services", "units", "host")) : null,
            Warnings = _problems.Warnings,
        };
    }

    /// <summary>It waits where there is something to judge a release by: the repository's root, or whose .swu files are taken.</summary>
    private RecipeRescue? ReadRescue(RecipeSection recipe, RecipeLayout layout)
    {
        var rescue = recipe.Section("rescue", "wait", "keep");
        if (!layout.HasRescue)
        {
            if (recipe.Has("rescue")) _problems.Add(recipe.LineOf("rescue"), "rescue: the layout has no rescue slot; add layout: { rescue: true }");
            return null;
        }
        var canJudge = recipe.Has("repository") || recipe.Items("files", "").Any(IsSwuSettings);
        var waits = rescue.Value("wait", ValueKinds.Boolean, canJudge);
        if (waits && !canJudge)
            _problems.Add(rescue.LineOf("wait"), "rescue.wait cannot be true: nothing says whose releases are taken; add the section repository, or the file /usr/lib/firn/swu.conf");
        var keep = rescue.List("keep", ValueKinds.KeepPattern);
        if (keep.Any(pattern => !pattern.ToString().StartsWith("/etc/", StringComparison.Ordinal)))
            _problems.Add(rescue.LineOf("keep"), "rescue.keep: only what lies below /etc can be kept for the rescue system; it has /var, /home and /root anyway");
        return new(waits, [.. keep]);
    }

    private static bool IsSwuSettings(YamlNode file) => file is YamlMapping mapping && mapping.Entries.Any(entry =>
        entry.Key.Text == "path" && entry.Value is YamlScalar { Text: "/usr/lib/firn/swu.conf" or "/etc/firn/swu.conf" });

    private OverlaySettings ReadOverlays(RecipeSection recipe, RecipeLayout layout)
    {
        var overlays = recipe.Section("overlays", "sources", "keys", "unsigned", "on-failure", "secrets", "wait");
        if (!overlays.Has("sources")) _problems.Add(overlays.Line, $"overlays.sources is missing; expected a list of {OverlaySource.Expected}");
        var settings = new OverlaySettings(
            [.. overlays.List("sources", ValueKinds.OverlaySource)], [.. overlays.List("keys", ValueKinds.MinisignKey)],
            overlays.Value("unsigned", ValueKinds.Boolean, false), overlays.Value("on-failure", ValueKinds.OverlayFailure, OverlayFailure.LastGood),
            overlays.Value("secrets", ValueKinds.VolumeLabel!, null), (int)overlays.Value("wait", ValueKinds.ShortTime, TimeSpan.FromSeconds(5)).TotalSeconds);
        var fromRepository = settings.Sources.Any(source => source.StartsWith("repository:", StringComparison.Ordinal));
        if (settings is { Keys: [], AllowsUnsigned: false } && !fromRepository)
            _problems.Add(overlays.Line, "overlays: nothing could be taken: give keys of those who sign, or unsigned: true");
        if (fromRepository && !recipe.Has("repository"))
            _problems.Add(overlays.LineOf("sources"), "overlays.sources: repository:… needs the section repository");
        if (settings.OnFailure == OverlayFailure.Rescue && !layout.HasRescue)
            _problems.Add(overlays.LineOf("on-failure"), "overlays.on-failure cannot be 'rescue': the layout has no rescue slot; add layout: { rescue: true }");
        return settings;
    }

    /// <summary>The settings of <c>agent.conf</c> under their own names, each a value or, where several are allowed, a list.</summary>
    private NamedValues ReadAgent(RecipeSection recipe)
    {
        var agent = recipe.Section("agent", [.. AgentSettings.Names]);
        var values = AgentSettings.Names.Where(agent.Has).SelectMany(name =>
            (AgentSettings.Lists.Contains(name) ? agent.List(name, ValueKinds.Setting) : [agent.Value(name, ValueKinds.Setting, "")])
                .Select(value => (Name: name, Value: new NamedValue(name, value)))).ToArray();
        foreach (var one in values.Where(one => one.Value.Value.Length > 0))
            try
            {
                // windows beside each value: what it needs of them is looked at below
                AgentSettings.Read(new([new("window", "daily 00:00-24:00"), one.Value]), "agent");
            }
            catch (InvalidDataException error)
            {
                _problems.Add(agent.LineOf(one.Name), error.Message);
                return NamedValues.None;
            }
        var all = new NamedValues([.. values.Select(one => one.Value)]);
        if (all.Find("window") is null && (all.Find("reboot") == "window" || all.Find("install") == "window"))
            _problems.Add(agent.Line, "agent.window is missing: something is to be done in windows");
        if (!recipe.Has("repository")) _problems.Add(agent.Line, "agent: there is nothing to look after without the section repository");
        return all;
    }

    private RecipeSource ReadSource(RecipeSection recipe)
    {
        ReadOnlySpan<string> kinds = ["debian", "tar", "directory", "oci"];
        var nothing = new RecipeSource.Tar("");
        const string expected = "one of debian, tar, directory and oci";
        if (!recipe.Has("source"))
        {
            _problems.Add(recipe.Line, $"source is missing; expected {expected}");
            return nothing;
        }
        var source = recipe.Section("source", kinds);
        var given = kinds.ToArray().Where(source.Has).ToArray();
        if (given.Length != 1)
        {
            _problems.Add(source.Line, given.Length == 0
                ? $"source has nothing in it; expected {expected}"
                : $"source has {string.Join(" and ", given)}; expected only {expected}");
            return nothing;
        }
        return given[0] switch
        {
            "debian" => ReadDebian(source.Section("debian", "suite", "variant", "packages", "mirrors", "components", "keyring")),
            "tar" => new RecipeSource.Tar(HostPath(source, "tar", File.Exists, "file")),
            "directory" => new RecipeSource.Directory(HostPath(source, "directory", Directory.Exists, "directory")),
            _ => ReadOci(source),
        };
    }

    private RecipeSource.Debian ReadDebian(RecipeSection debian)
    {
        var components = debian.List("components", ValueKinds.Component);
        return new(
            debian.Required("suite", ValueKinds.Suite, ""),
            debian.Value("variant", ValueKinds.Variant, "minbase"),
            debian.List("packages", ValueKinds.Package),
            debian.List("mirrors", ValueKinds.Mirror),
            components.IsEmpty ? ["main"] : components,
            debian.Has("keyring") ? HostPath(debian, "keyring", Path.Exists, "file") : null);
    }

    /// <summary>A path may end in <c>:TAG</c>, unless something of the whole name is there.</summary>
    private RecipeSource.Oci ReadOci(RecipeSection source)
    {
        var text = source.Value("oci", ValueKinds.HostPath, "");
        var colon = text.LastIndexOf(':');
        if (colon > text.LastIndexOf('/') && !Path.Exists(Absolute(text)))
            return new(Existing(text[..colon], "source.oci", source.LineOf("oci"), Path.Exists, "layout"), text[(colon + 1)..]);
        return new(Existing(text, "source.oci", source.LineOf("oci"), Path.Exists, "layout"), null);
    }

    private RecipeFile? ReadFile(YamlNode node)
    {
        var file = new RecipeSection(node, "a file", _problems, "path", "content", "from", "link", "mode", "owner", "group");
        var path = file.Required("path", ValueKinds.TargetPath!, null);
        FileOrigin origin;
        switch ((file.Has("content"), file.Has("from"), file.Has("link")))
        {
            case (true, false, false):
                origin = new FileOrigin.Content(file.Value("content", ValueKinds.Text, ""));
                break;
            case (false, true, false):
                origin = new FileOrigin.From(HostPath(file, "from", Path.Exists, "file or directory"));
                break;
            case (false, false, true):
                origin = new FileOrigin.Link(file.Value("link", ValueKinds.LinkTarget, ""));
                break;
            default:
                var where = path is null ? "" : $"; look at {path}";
                _problems.Add(file.Line, $"a file needs exactly one of content, from and link{where}");
                return null;
        }
        var mode = file.Value("mode", ValueKinds.Mode, null);
        if (mode is not null && origin is FileOrigin.Link)
            _problems.Add(file.LineOf("mode"), "a symbolic link has no mode of its own; leave mode out");
        if (mode is not null && origin is FileOrigin.From { HostPath: var from } && Directory.Exists(from))
            _problems.Add(file.LineOf("mode"),
                "mode is for a single file; a directory keeps the modes of its files, so leave mode out");
        var owner = file.Value("owner", ValueKinds.UserOrId, "0");
        var group = file.Value("group", ValueKinds.UserOrId, "0");
        return path is null ? null : new(path, origin, mode, owner, group, file.Line);
    }

    private IEnumerable<RecipeCommand> ReadCommands(RecipeSection recipe)
    {
        var kind = ValueKinds.Command;
        foreach (var node in recipe.Items("commands", kind.Expected))
        {
            var scalar = node as YamlScalar;
            if (scalar is { IsNothing: false } && kind.TryParse(scalar.Text, out var text))
            {
                yield return new(text, node.Line);
                continue;
            }
            var found = scalar is null ? node.Kind : Suggestion.Quote(scalar.Text);
            _problems.Add(node.Line, $"a command cannot be {found}; expected {kind.Expected} (quote it if it holds ': ')");
        }
    }

    private RecipeUser ReadUser(YamlNode node)
    {
        var user = new RecipeSection(node, "a user", _problems,
            "name", "password", "password-hash", "ssh-keys", "uid", "groups", "shell", "home");
        var name = user.Required("name", ValueKinds.UserName, "");
        var password = user.Value("password", ValueKinds.Password!, null);
        if (password is not null && user.Has("password-hash"))
            _problems.Add(user.LineOf("password-hash"), "a user has either password or password-hash; leave one of them out");
        if (password == "")
            _problems.Warn(user.LineOf("password"), $"{name} can log in without a password; this is for trying things out only");
        var uid = user.Value("uid", ValueKinds.UserId, null);
        if (name == "root" && uid > 0)
            _problems.Add(user.LineOf("uid"), $"root cannot have the uid {uid}; leave uid out");
        if (name is not ("root" or "") && uid == 0)
            _problems.Add(user.LineOf("uid"), $"{name} cannot have the uid 0, which is root's; expected another number");
        return new(
            name,
            password,
            user.Value("password-hash", ValueKinds.PasswordHash!, null),
            user.List("ssh-keys", ValueKinds.SshKey),
            uid,
            user.List("groups", ValueKinds.UserName),
            user.Value("shell", ValueKinds.TargetPath!, null)?.ToString(),
            user.Value("home", ValueKinds.TargetPath!, null),
            user.Line);
    }

    private void CheckUsers(ImmutableArray<RecipeUser> users, RecipeSection recipe, RecipeSource source)
    {
        foreach (var same in users.Where(user => user.Name.Length > 0).GroupBy(user => user.Name).Where(group => group.Count() > 1))
            _problems.Add(same.Last().Line, $"user {same.Key} was already described on line {same.First().Line}; make it one");
        foreach (var same in users.Where(user => user.Uid is not null).GroupBy(user => user.Uid).Where(group => group.Count() > 1))
            _problems.Add(same.Last().Line, $"uid {same.Key} is already {same.First().Name}'s; expected another number");
        if (source is RecipeSource.Debian && !users.Any(CanLogIn))
            _problems.Warn(recipe.LineOf("users"), "no user has a password or an SSH key: nobody will be able to log in");
    }

    private static bool CanLogIn(RecipeUser user) =>
        user.Password is not null || user.PasswordHash is not (null or "*" or "!") || !user.SshKeys.IsEmpty;

    private RecipeKernel ReadKernel(RecipeSection recipe)
    {
        var kernel = recipe.Section("kernel", "command-line", "modules", "version");
        return new(
            kernel.Value("command-line", ValueKinds.CommandLine, ""), kernel.List("modules", ValueKinds.KernelModule),
            kernel.Value("version", ValueKinds.KernelVersion!, null));
    }

    private RecipeLayout ReadLayout(RecipeSection recipe)
    {
        var layout = recipe.Section("layout", "esp", "boot", "root", "data", "rescue", "disk");
        var defaults = new RecipeLayout();
        var read = new RecipeLayout(
            layout.Value("esp", ValueKinds.Size, defaults.EspBytes),
            layout.Value("boot", ValueKinds.SizeOrAuto, defaults.BootBytes),
            layout.Value("root", ValueKinds.SizeOrAuto, defaults.RootBytes),
            layout.Value("data", ValueKinds.Size, defaults.DataBytes),
            layout.Value("rescue", ValueKinds.Boolean, defaults.HasRescue),
            layout.Value("disk", ValueKinds.SizeOrAuto, defaults.DiskBytes));

        const long smallestEsp = 36L << 20;    // FAT32 begins at 65525 clusters of one sector, beside its tables
        if (read.EspBytes < smallestEsp)
            _problems.Add(layout.LineOf("esp"),
                $"layout.esp cannot be {read.EspBytes >> 20}M: FAT32 needs more; expected at least {smallestEsp >> 20}M");
        const long bootAndTables = 3L << 20;    // BIOS boot, both GPTs
        var slots = (read.HasRescue ? 3 : 2) * ((read.BootBytes ?? 0) + (read.RootBytes ?? 0));
        var needed = read.EspBytes + read.DataBytes + slots + bootAndTables;
        if (read.DiskBytes is { } disk && disk < needed)
            _problems.Add(layout.LineOf("disk"),
                $"layout.disk cannot be {disk >> 20}M: the sizes beside it need {needed >> 20}M; expected at least that, or auto");
        return read;
    }

    private static RecipeSquashFs ReadSquashFs(RecipeSection recipe)
    {
        var squashfs = recipe.Section("squashfs", "level", "block");
        var defaults = new RecipeSquashFs();
        return new(
            squashfs.Value("level", ValueKinds.Between(1, 22), defaults.Level),
            squashfs.Value("block", ValueKinds.BlockSize, defaults.BlockBytes));
    }

    private static RecipePersistence ReadPersistence(RecipeSection persistence)
    {
        return new(Of("etc"), Of("var"), Of("home"), Of("root"));

        Persistence Of(string key) => persistence.Value(key, ValueKinds.Persistence, Persistence.Data);
    }

    private static RecipeUpdate ReadUpdate(RecipeSection recipe)
    {
        var update = recipe.Section("update", "tries", "deadline", "watchdog");
        var defaults = new RecipeUpdate();
        return new(
            update.Value("tries", ValueKinds.Between(1, 9), defaults.Tries),
            update.Value("deadline", ValueKinds.Deadline, defaults.Deadline),
            update.Value("watchdog", ValueKinds.Watchdog, defaults.Watchdog));
    }

    /// <summary><c>true</c>, or keys that say more than that.</summary>
    private RecipeVerity? ReadVerity(RecipeSection recipe)
    {
        if (recipe.Node("verity") is not YamlMapping)
            return recipe.Value("verity", ValueKinds.Verity, false) ? new() : null;
        var verity = recipe.Section("verity", "on-corruption");
        return new(verity.Value("on-corruption", ValueKinds.CorruptionResponse, CorruptionResponse.Error));
    }

    private RecipeRepository ReadRepository(RecipeSection repository)
    {
        var urls = repository.List("urls", ValueKinds.RepositoryUrl);
        if (!repository.Has("urls")) _problems.Add(repository.Line, $"repository.urls is missing; expected {ValueKinds.RepositoryUrl.Expected}");
        if (!repository.Has("root")) _problems.Add(repository.Line, "repository.root is missing; expected the root.json of the repository");
        var ca = repository.Has("ca") ? FileOf("ca") : null;
        var settings = new RepositorySettings(
            urls, repository.Value("channel", ValueKinds.Channel, RepositorySettings.DefaultChannel), repository.Value("proxy", ValueKinds.Proxy!, null),
            ca is null ? null : $"/{RepositorySettings.CaPath}");
        return new(settings, repository.Has("root") ? FileOf("root") : "", ca);

        string FileOf(string key) =>
            Existing(repository.Value(key, ValueKinds.HostPath, ""), $"repository.{key}", repository.LineOf(key), File.Exists, "file");
    }

    private RecipeContainers ReadContainers(RecipeSection containers)
    {
        if (!containers.Has("runtimes")) _problems.Add(containers.Line, $"containers.runtimes is missing; expected a list of {ValueKinds.ContainerRuntime.Expected}");
        return new([.. containers.List("runtimes", ValueKinds.ContainerRuntime).Distinct()], containers.Value("check", ValueKinds.Boolean, true));
    }

    private RecipeDevices ReadDevices(RecipeSection devices)
    {
        if (!devices.Has("rules")) _problems.Add(devices.Line, "devices.rules is missing; expected a list of files of rules");
        var rules = devices.List("rules", ValueKinds.HostPath)
            .Select(path => Existing(path, "devices.rules", devices.LineOf("rules"), File.Exists, "file")).ToImmutableArray();
        CheckNames(rules, "devices.rules", devices.LineOf("rules"));
        return new(rules, devices.Value("manager", ValueKinds.DeviceManager, "auto"));
    }

    /// <summary>Of a directory, the files that <c>firn pm</c> would read.</summary>
    private RecipeServices ReadServices(RecipeSection services)
    {
        var line = services.LineOf("units");
        var units = services.List("units", ValueKinds.HostPath).Select(path => Existing(path, "services.units", line, Path.Exists, "file or directory"))
            .SelectMany(path => Directory.Exists(path) ? [.. Directory.GetFiles(path).Where(IsYaml).Order(StringComparer.Ordinal)] : (string[])[path]).ToImmutableArray();
        CheckNames(units, "services.units", line);
        return new(units, services.Value("host", ValueKinds.ServiceHost, ServiceHost.Auto));
    }

    /// <summary>All go to one directory, where only some names are read.</summary>
    private void CheckNames(ImmutableArray<string> files, string name, int line)
    {
        foreach (var same in files.GroupBy(Path.GetFileName).Where(group => group.Count() > 1 && group.Key!.Length > 0))
            _problems.Add(line, $"{name} has two files called {same.Key}; expected names of their own");
        foreach (var other in files.Where(path => path.Length > 0 && !IsYaml(path)))
            _problems.Add(line, $"{name} cannot be '{Path.GetFileName(other)}'; expected a name that ends in .yaml");
    }

    private static bool IsYaml(string path) => Path.GetExtension(path) is ".yaml" or ".yml";

    private string HostPath(RecipeSection section, string key, Func<string, bool> exists, string kind) =>
        Existing(section.Value(key, ValueKinds.HostPath, ""), $"{key}", section.LineOf(key), exists, kind);

    private string Existing(string text, string name, int line, Func<string, bool> exists, string kind)
    {
        if (text.Length == 0) return "";    // already reported
        var path = Absolute(text);
        if (!exists(path)) _problems.Add(line, $"{name}: there is no {kind} '{text}' in {_baseDirectory}");
        return path;
    }

    private string Absolute(string text) => Path.GetFullPath(text, _baseDirectory);
}
