using Firn.Linux.Processes;
using Firn.Supervision.Units;

namespace Firn.Supervision.Homes;

/// <summary>The directory in which a manager keeps its state, and where each thing lies in it.</summary>
public sealed record PmHome(string Path)
{
    /// <summary>What is kept there and how; a manager refuses what a later one has written.</summary>
    public const string LayoutVersion = "1";

    private const uint OwnerOnly = 0x1c0;    // 0700

    /// <summary><c>$PMHOME</c>, else <c>/var/opt/pm</c> for root and the user's state directory for others.</summary>
    public static PmHome Default
    {
        get
        {
            if (Environment.GetEnvironmentVariable("PMHOME") is { Length: > 0 } given) return new(System.IO.Path.GetFullPath(given));
            if (CurrentProcess.User == 0) return new("/var/opt/pm");
            var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } set
                ? set : System.IO.Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/tmp", ".local/state");
            return new(System.IO.Path.Combine(state, "pm"));
        }
    }

    public string Version => $"{Path}/version";
    public string BootId => $"{Path}/boot_id";
    public string Lock => $"{Path}/lock";
    public string Input => $"{Path}/input";
    public string Socket => $"{Path}/pm.socket";
    public string NotifySocket => $"{Path}/notify.socket";
    public string Units => $"{Path}/units";
    public string Jobs => $"{Path}/jobs";
    public string Logs => $"{Path}/log";

    public string Unit(string name) => $"{Units}/{UnitName.Encode(name)}";
    public string Job(string id) => $"{Jobs}/{id}";
    public string Log(string name) => $"{Logs}/{UnitName.Encode(name)}";

    public static string CurrentBootId => StateStore.Read("/proc/sys/kernel/random/boot_id") ?? throw new IOException("/proc/sys/kernel/random/boot_id: cannot be read");

    /// <summary>Makes what is missing; what is of the user alone stays so.</summary>
    /// <exception cref="IOException">It cannot be made, or is of a later version.</exception>
    public void Prepare()
    {
        Directory.CreateDirectory(Path);
        foreach (var directory in (string[])[Units, Jobs, Logs]) Directory.CreateDirectory(directory);
        Firn.Linux.Files.RawFiles.SetMode(Firn.Linux.Files.RawPath.From(Path), OwnerOnly);
        var version = StateStore.Read(Version)?.Trim() ?? "";
        if (version.Length == 0) File.WriteAllText(Version, LayoutVersion + "\n");
        else if (version != LayoutVersion) throw new IOException($"{Path}: its layout is version {version}, and this program knows {LayoutVersion}");
    }
}
