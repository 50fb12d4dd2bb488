using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Firn.Supervision.Control;
using Firn.Supervision.Homes;

namespace Firn.Tests.Supervision.Engine;

/// <summary>A real manager in a directory of its own, its holder and all; killed with everything when the test ends.</summary>
internal sealed class RunningManager : IDisposable
{
    /// <summary>Only for what never comes: a machine may be busy with a lot else.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly List<Process> _holders = [];

    public RunningManager(string units = "", params string[] options) : this(units, null, default, options)
    {
    }

    /// <param name="beside">Prepares more, given the home.</param>
    /// <param name="environment">A variable of the manager's.</param>
    public RunningManager(string units, Action<string>? beside = null, (string Name, string Value) environment = default, params string[] options)
    {
        Variable = environment;
        Home = new(Directory.CreateTempSubdirectory("pm-").FullName);
        Directory.CreateDirectory(UnitDirectory);
        Options = options;
        beside?.Invoke(Home.Path);
        Write(units);
        try
        {
            Start();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public PmHome Home { get; }
    public string[] Options { get; }
    public (string Name, string Value) Variable { get; }
    private static string Program => $"{AppContext.BaseDirectory}firn";
    public string UnitDirectory => $"{Home.Path}/wanted";
    public Process Holder => _holders[^1];
    public string File(string name) => $"{Home.Path}/{name}";

    /// <summary>Its number; 0 between two managers. What it is told behind its home may be nothing.</summary>
    public int Manager => int.Parse(Shell.Run($"pgrep -f '[p]m-manager {Home.Path}( |$)' || echo 0", "/").Split('\n')[0], CultureInfo.InvariantCulture);

    public void Write(string units) => System.IO.File.WriteAllText($"{UnitDirectory}/all.yaml", units.Length == 0 ? "units: {}\n" : units.Replace("$HOME", Home.Path).Replace("$FIRN", Program));

    public void Start() => Start(["--units", UnitDirectory, .. Options]);

    /// <summary>With what is in its home, by words that need no parser.</summary>
    public void StartPlainly() => Start([]);

    private void Start(string[] words)
    {
        var start = new ProcessStartInfo(Program, ["pm", "main", "--home", Home.Path, .. words])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        if (Variable.Name is not null) start.Environment[Variable.Name] = Variable.Value;
        var holder = Process.Start(start)!;
        holder.ErrorDataReceived += (_, line) => { if (line.Data is not null) lock (Messages) Messages.Add(line.Data); };
        holder.BeginErrorReadLine();
        _holders.Add(holder);
        WaitUntil(() => Answers() || holder.HasExited, "the manager answers");
    }

    public List<string> Messages { get; } = [];

    public bool Answers()
    {
        try
        {
            return ControlClient.Ask(Home, new("ping", [], []), _ => { }).Exit == 0;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public ControlResult Do(string verb, string unit, params string[] properties) => ControlClient.Ask(Home, new(verb, unit.Length == 0 ? [] : [unit], properties), _ => { });

    public Dictionary<string, string> Status(string unit)
    {
        var values = new Dictionary<string, string>();
        ControlClient.Ask(Home, new("status", [unit], []), line =>
        {
            foreach (var property in line.EnumerateObject())
                values[property.Name] = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.ToString();
        });
        return values;
    }

    public string State(string unit) => Status(unit)["state"];
    public int Pid(string unit) => Status(unit).TryGetValue("pid", out var pid) ? int.Parse(pid, CultureInfo.InvariantCulture) : 0;

    /// <summary>Not for the end of its messages: the manager may have them open still.</summary>
    public void WaitForHolder() => Assert.True(Holder.WaitForExit(Patience), "the holder ends");

    public void WaitFor(string unit, string state) => WaitUntil(() => Answers() && State(unit) == state, () => $"{unit} is {state}: {string.Join(", ", Status(unit))}");

    public static void WaitUntil(Func<bool> condition, string what) => WaitUntil(condition, () => what);

    public static void WaitUntil(Func<bool> condition, Func<string> what)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; Thread.Sleep(10))
            if (condition()) return;
        Assert.Fail($"in vain: {what()}");
    }

    public string Read(string path) => System.IO.File.Exists(File(path)) ? System.IO.File.ReadAllText(File(path)).Trim() : "";

    public static void Kill(int pid, string signal = "KILL")
    {
        Assert.True(pid > 1, $"{pid} is no process of a test: kill(1) would mean the group of the tests themselves");
        Shell.Run($"kill -{signal} {pid}", "/");
    }

    public static bool Lives(int pid) => System.IO.File.Exists($"/proc/{pid}/stat") && !System.IO.File.ReadAllText($"/proc/{pid}/stat").Contains(") Z");

    /// <summary>Every process that was started for this home, whoever its parent is now.</summary>
    public List<int> Processes()
    {
        var pids = new List<int>();
        foreach (var directory in Directory.GetDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(directory), out var pid) && Firn.Linux.Processes.ProcessRecord.Variable(pid, "PM_HOME") == Home.Path && Lives(pid)) pids.Add(pid);
        return pids;
    }

    public void Dispose()
    {
        foreach (var holder in _holders)
        {
            if (!holder.HasExited) holder.Kill();
            holder.WaitForExit(Patience);
            holder.Dispose();
        }
        if (Manager is > 0 and var manager)
        {
            Kill(manager);
            WaitUntil(() => !Lives(manager), "the manager is gone and writes no more");
        }
        foreach (var pid in Processes())
            try
            {
                Kill(pid);
            }
            catch (Xunit.Sdk.XunitException)
            {
                // it ended by itself meanwhile
            }
        Directory.Delete(Home.Path, recursive: true);
    }
}
