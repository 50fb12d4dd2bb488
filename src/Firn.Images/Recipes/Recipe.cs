using System.Collections.Immutable;
using Firn.Formats.Agents;
using Firn.Formats.Overlays;
using Firn.Formats.Releases;
using Firn.Formats.Resets;

namespace Firn.Images.Recipes;

/// <summary>
/// What a person wrote down about an image: where its root filesystem comes from, what is changed in it, and what the
/// disk around it looks like. Read by <see cref="RecipeReader"/>; the keys are described in <c>docs/reference/recipe.md</c>.
/// </summary>
public sealed record Recipe
{
    /// <summary>For messages, as the person named the file.</summary>
    public required string FileName { get; init; }

    /// <summary>Of its text: <c>sha256:</c> and 64 hexadecimal digits.</summary>
    public required string Digest { get; init; }
    public required string Name { get; init; }
    public required string Version { get; init; }
    public required string Hardware { get; init; }
    public required RecipeSource Source { get; init; }

    /// <summary>Later ones win over earlier ones.</summary>
    public ImmutableArray<RecipeFile> Files { get; init; } = [];
    public ImmutableArray<TargetPath> Remove { get; init; } = [];

    /// <summary>Run by <c>/bin/sh -c</c> as root inside the root filesystem, after users and files were added.</summary>
    public ImmutableArray<RecipeCommand> Commands { get; init; } = [];
    public required string Hostname { get; init; }
    public ImmutableArray<RecipeUser> Users { get; init; } = [];
    public RecipeKernel Kernel { get; init; } = new();

    /// <summary>Such as <c>ttyS0</c>; null when there is no serial console.</summary>
    public string? SerialConsole { get; init; } = "ttyS0";
    public RecipeLayout Layout { get; init; } = new();

    /// <summary>Where the file says it; that of the recipe when it does not.</summary>
    public int LayoutLine { get; init; }
    public RecipeSquashFs SquashFs { get; init; } = new();
    public RecipePersistence Persistence { get; init; } = new();

    /// <summary>What a factory reset leaves.</summary>
    public ImmutableArray<KeepPattern> Keep { get; init; } = [];
    public RecipeUpdate Update { get; init; } = new();

    /// <summary>Null: what is read of the root image is believed.</summary>
    public RecipeVerity? Verity { get; init; }

    /// <summary>Null: machines believe whatever release a person installs on them.</summary>
    public RecipeRepository? Repository { get; init; }

    /// <summary>What the rescue system does; null without a rescue slot.</summary>
    public RecipeRescue? Rescue { get; init; }

    /// <summary>Null: machines look for no overlay.</summary>
    public OverlaySettings? Overlays { get; init; }

    /// <summary>Lines of <c>agent.conf</c>; null: no agent is started.</summary>
    public NamedValues? Agent { get; init; }

    /// <summary>Whether the page for browsers is served.</summary>
    public bool HasWeb => Agent?.Find("web") is not (null or AgentSettings.Off);

    /// <summary>Null: no container runtime has a place on the data partition.</summary>
    public RecipeContainers? Containers { get; init; }

    /// <summary>Null: nothing is started for devices that are plugged in.</summary>
    public RecipeDevices? Devices { get; init; }

    /// <summary>Null: <c>firn pm</c> runs nothing.</summary>
    public RecipeServices? Services { get; init; }

    /// <summary>What is allowed but should be known, in the order of lines.</summary>
    public ImmutableArray<RecipeProblem> Warnings { get; init; } = [];
}

/// <summary>A command and where the recipe says it.</summary>
public sealed record RecipeCommand(string Text, int Line);

/// <summary>A user to add, or to change when the root filesystem has one of that name.</summary>
/// <param name="Password">In clear, hashed when the image is built; empty for login without a password.</param>
/// <param name="PasswordHash">As in shadow(5). Null with <paramref name="Password"/>: no password that could be typed.</param>
/// <param name="Uid">The next free one from 1000 on when null.</param>
/// <param name="Groups">Besides the user's own; each must be in the root filesystem.</param>
public sealed record RecipeUser(
    string Name, string? Password, string? PasswordHash, ImmutableArray<string> SshKeys, uint? Uid,
    ImmutableArray<string> Groups, string? Shell, TargetPath? Home, int Line);

/// <param name="CommandLine">Appended to what Firn needs; printable ASCII without <c>'</c> and <c>\</c>.</param>
/// <param name="Modules">For the initramfs, besides those it always takes.</param>
/// <param name="Version">A directory of <c>/usr/lib/modules</c>; the newest when null.</param>
public sealed record RecipeKernel(string CommandLine = "", ImmutableArray<string> Modules = default, string? Version = null)
{
    public ImmutableArray<string> Modules { get; init; } = Modules.IsDefault ? [] : Modules;
}

/// <summary>Sizes in bytes, whole MiB; null: as large as what goes in needs, with room for updates.</summary>
public sealed record RecipeLayout(
    long EspBytes = 64L << 20, long? BootBytes = null, long? RootBytes = null, long DataBytes = 256L << 20,
    bool HasRescue = false, long? DiskBytes = null);

/// <param name="Level">Of zstd, 1 to 22.</param>
/// <param name="BlockBytes">A power of two from 4 KiB to 1 MiB.</param>
public sealed record RecipeSquashFs(int Level = RecipeSquashFs.DefaultLevel, int BlockBytes = RecipeSquashFs.DefaultBlockBytes)
{
    public const int DefaultLevel = 9, DefaultBlockBytes = 512 << 10;    // docs/decisions/0010-level-and-block.md
}

/// <summary>Whether what a machine writes to a directory of the root filesystem outlives a reboot.</summary>
public enum Persistence
{
    /// <summary>Kept on the data partition.</summary>
    Data,

    /// <summary>Kept in memory until the next boot.</summary>
    None,
}

/// <param name="Root">Of <c>/root</c>, the home of the user root.</param>
public sealed record RecipePersistence(
    Persistence Etc = Persistence.Data, Persistence Var = Persistence.Data,
    Persistence Home = Persistence.Data, Persistence Root = Persistence.Data);

/// <param name="Tries">How often a new slot may boot without being confirmed, 1 to 9.</param>
/// <param name="Deadline">After boot, for the health checks.</param>
/// <param name="Watchdog">How long the machine may hang; null when no watchdog is armed.</param>
public sealed record RecipeUpdate(int Tries, TimeSpan Deadline, TimeSpan? Watchdog)
{
    public RecipeUpdate() : this(Tries: 3, TimeSpan.FromMinutes(5), Watchdog: null) { }
}

/// <summary>Every block of the root image is checked when it is read.</summary>
/// <param name="OnCorruption">On a confirmed slot and in the rescue system; a trial restarts, whatever this says.</param>
public sealed record RecipeVerity(CorruptionResponse OnCorruption = CorruptionResponse.Error);

/// <summary>What a block that is not the one that was built does, when it is read.</summary>
public enum CorruptionResponse
{
    /// <summary>Whoever reads it gets EIO.</summary>
    Error,

    /// <summary>The machine restarts at once.</summary>
    Restart,

    /// <summary>The kernel panics.</summary>
    Panic,
}

/// <summary>Where machines take their updates from, and whom they believe.</summary>
/// <param name="RootFile">Root metadata, on the machine that builds.</param>
/// <param name="CaFile">Certificates for https, on the machine that builds; null for those that the image's system trusts.</param>
public sealed record RecipeRepository(RepositorySettings Settings, string RootFile, string? CaFile = null);

/// <param name="IsWaiting">Whether the rescue system looks for a release by itself.</param>
/// <param name="Keep">What it takes from the machine's own <c>/etc</c>.</param>
public sealed record RecipeRescue(bool IsWaiting, ImmutableArray<KeepPattern> Keep)
{
    /// <summary>In the root image.</summary>
    public const string SettingsPath = "usr/lib/firn/rescue.conf";
}

/// <param name="Runtimes">Whose storage lies on the data partition.</param>
/// <param name="IsChecked">Whether a new system is confirmed only when each of them starts a container.</param>
public sealed record RecipeContainers(ImmutableArray<string> Runtimes, bool IsChecked);

/// <summary>What machines start for devices that are plugged in.</summary>
/// <param name="Rules">Files on the machine that builds.</param>
/// <param name="Manager">Who starts it: <c>auto</c>, <c>systemd</c> or <c>pm</c>.</param>
public sealed record RecipeDevices(ImmutableArray<string> Rules, string Manager);

/// <summary>What <c>firn pm</c> runs on machines.</summary>
/// <param name="Units">Files on the machine that builds.</param>
public sealed record RecipeServices(ImmutableArray<string> Units, ServiceHost Host);

/// <summary>Who starts <c>firn pm</c>.</summary>
public enum ServiceHost
{
    /// <summary>systemd where it is in the image; else nobody, where the image has an init of its own; else the kernel.</summary>
    Auto,
    Systemd,

    /// <summary>The kernel: it is the first process.</summary>
    Init,
}
