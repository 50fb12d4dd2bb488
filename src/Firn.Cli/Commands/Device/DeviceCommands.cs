using System.CommandLine;
using System.Text.Json;
using Firn.Devices.Matching;
using Firn.Devices.Rules;
using Firn.Devices.Sources;
using Firn.Devices.Watching;

namespace Firn.Cli.Commands.Device;

/// <summary>What the verbs of <c>firn device</c> share.</summary>
internal static class DeviceCommands
{
    public static Command Create() => new("device", "Start what belongs to a device when it is plugged in, stop it when it is gone")
    {
        DeviceRunCommand.Create(),
        DeviceListCommand.Create(),
        DeviceShowCommand.Create(),
        DeviceMatchCommand.Create(),
        DeviceSuggestCommand.Create(),
        DeviceCheckCommand.Create(),
        DeviceSendCommand.Create(),
        DeviceRecordCommand.Create(),
        DeviceReplayCommand.Create(),
        DeviceExplainCommand.Create(),
    };

    public static Option<string[]> Rules() => new("--rules")
    {
        Description = $"Files or directories of rules (default: {DaemonOptions.DefaultRules})",
        HelpName = "PATH",
    };

    public static Option<string> Sysfs() => new("--sysfs")
    {
        Description = "Where the kernel shows devices",
        HelpName = "DIR",
        DefaultValueFactory = _ => "/sys",
    };

    public static Option<string> State() => new("--state")
    {
        Description = "Where the daemon keeps what runs for which device",
        HelpName = "DIR",
        DefaultValueFactory = _ => DaemonOptions.DefaultState,
    };

    public static Option<string?> User() => new("--user") { Description = "Whose rules are followed (default: who runs this)", HelpName = "NAME" };

    public static Option<string?> Site() => new("--site") { Description = "Which place's rules are followed", HelpName = "NAME" };

    public static Option<bool> Json() => new("--json") { Description = "Print JSON" };

    public static Argument<string> Node() => new("node")
    {
        Description = "A device by its node or name, such as /dev/ttyUSB0 or ttyUSB0, or by its path below /sys",
    };

    public static DeviceTree Tree(string sysfs) => new(new(Path.GetFullPath(sysfs)));

    /// <exception cref="RuleException">Something is wrong with them.</exception>
    public static RuleSet RuleSet(string[]? paths, string? user = null, string? site = null)
    {
        var problems = new List<RuleProblem>();
        var rules = RuleFile.Read(RulePaths(paths), problems);
        return problems.Count == 0 ? new(rules, user ?? Environment.UserName, site) : throw new RuleException(problems);
    }

    /// <summary>Without a word of the person's a missing directory has no rules, and is no mistake.</summary>
    public static IReadOnlyList<string> RulePaths(string[]? given) =>
        given is { Length: > 0 } ? given : Directory.Exists(DaemonOptions.DefaultRules) ? [DaemonOptions.DefaultRules] : [];

    /// <summary>A device with all that is known of it.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public static Firn.Devices.Events.DeviceEvent Find(DeviceTree tree, string node, IEnumerable<string> attributes) =>
        tree.Describe(tree.Find(node) ?? throw new IOException($"{node}: no such device"), attributes);

    public static void WriteJson(TextWriter output, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new() { Indented = true })) write(json);
        output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
