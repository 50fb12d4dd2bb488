using Firn.Dispatch.Files;
using Firn.Formats.Yaml;
using Firn.Linux.Processes;
using Firn.Supervision.Units;

namespace Firn.Dispatch.Remotes;

/// <summary>Managers elsewhere by name, as a person lists them: on this machine, behind a forwarded socket, or by way of a command such as ssh.</summary>
public sealed class Inventory
{
    private readonly SortedDictionary<string, InventoryEntry> _entries = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, InventoryEntry> Entries => _entries;

    /// <summary><c>$PM_INVENTORY</c>, else that of the machine for root and of the user for others.</summary>
    public static string DefaultPath =>
        Environment.GetEnvironmentVariable("PM_INVENTORY") is { Length: > 0 } given ? given
            : CurrentProcess.User == 0 ? "/etc/firn/inventory.yaml"
            : Path.Combine(Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") ?? $"{Environment.GetEnvironmentVariable("HOME")}/.config", "firn/inventory.yaml");

    /// <summary>Empty if there is no such file.</summary>
    /// <exception cref="UnitException">Something in it is wrong.</exception>
    public static Inventory Read(string path)
    {
        var inventory = new Inventory();
        if (!File.Exists(path)) return inventory;
        var problems = new List<UnitProblem>();
        if (YamlDocument.Read(File.ReadAllText(path), "inventory", "a name with ssh, via, socket or home", Report) is { } root)
        {
            if (root is YamlMapping mapping)
                foreach (var (name, node) in mapping.Entries) inventory.Add(name.Text, name.Line, node, Report);
            else Report(root.Line, $"an inventory must be names with what they are, not {root.Kind}");
        }
        return problems.Count == 0 ? inventory : throw new UnitException(problems);

        void Report(int line, string message) => problems.Add(new(path, line, message));
    }

    private void Add(string name, int line, YamlNode node, Action<int, string> report)
    {
        if (!UnitName.IsValid(name))
        {
            report(line, $"a remote cannot be called {Suggestion.Quote(name)}; expected {UnitName.Expected}");
            return;
        }
        if (node is not YamlMapping mapping)
        {
            report(node.Line, $"{name} must be keys with values, not {node.Kind}");
            return;
        }
        var values = new Dictionary<string, string>();
        foreach (var (key, value) in mapping.Entries)
            if (key.Text is not ("ssh" or "via" or "firn" or "home" or "socket")) report(key.Line, $"unknown key {Suggestion.Quote(key.Text)}; expected ssh, via, firn, home or socket");
            else if (value is YamlScalar { IsNothing: false } scalar) values[key.Text] = scalar.Text;
            else report(value.Line, $"{key.Text} must be text, not {value.Kind}");
        string? Of(string key) => values.GetValueOrDefault(key);
        if (CommandWords.Split(Of("via") ?? "") is not { } via) report(line, $"via of {name} has a quote that is not closed");
        else if (values.Count == 0) report(line, $"{name} says nothing; expected ssh, via, socket or home");
        else _entries[name] = new(name, Of("ssh"), via, Of("firn") ?? "firn", Of("home"), Of("socket"));
    }
}

/// <param name="Ssh">A host; null if it is not reached so.</param>
/// <param name="Via">Words in front of <c>firn</c>; none if it is not reached so.</param>
/// <param name="Firn">The program there.</param>
public sealed record InventoryEntry(string Name, string? Ssh, string[] Via, string Firn, string? Home, string? Socket)
{
    public bool IsElsewhere => Ssh is not null || Via.Length > 0;

    /// <summary>The command line that runs a verb of <c>firn pm</c> there.</summary>
    public List<string> CommandFor(IReadOnlyList<string> words, bool hasTerminal = false)
    {
        List<string> command = [Firn, "pm", .. words];
        if (Home is not null) command.AddRange(["--home", Home]);
        // ssh hands one string to a shell over there
        return Ssh is null ? [.. Via, .. command] : ["ssh", "-oConnectTimeout=10", hasTerminal ? "-t" : "-oBatchMode=yes", "--", Ssh, CommandWords.Join(command)];
    }
}
