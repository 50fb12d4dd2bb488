using System.CommandLine;
using System.Text.Json;
using Firn.Supervision.Control;
using Firn.Supervision.Homes;

namespace Firn.Cli.Commands.Pm;

/// <summary>What the verbs of <c>firn pm</c> share: their options, and the talk with a manager.</summary>
internal static class PmCommands
{
    /// <summary>As <c>timeout(1)</c> says it.</summary>
    public const int TimedOut = 124;

    public static Command Create() => new("pm", "Start services in order, keep them alive, stop them cleanly")
    {
        PmMainCommand.Create(),
        PmCheckCommand.Create(),
        PmApplyCommand.Create(),
        PmPlanCommand.Create(),
        PmVerbCommand.Create("start", "Start units, and what they need"),
        PmVerbCommand.Create("stop", "Stop units, and what needs them"),
        PmVerbCommand.Create("restart", "Stop units and start them again; start those that are stopped"),
        PmVerbCommand.Create("try-restart", "Restart those that run"),
        PmVerbCommand.Create("reload", "Have units read their settings again"),
        PmVerbCommand.Create("reload-or-restart", "Reload those that can, restart the others"),
        PmVerbCommand.Create("try-reload-or-restart", "The same for those that run"),
        PmVerbCommand.Create("reset-failed", "Forget that units failed"),
        PmVerbCommand.Create("enable", "Start units when the manager starts"),
        PmVerbCommand.Create("disable", "Do not start units when the manager starts"),
        PmVerbCommand.Create("mask", "Refuse to start units"),
        PmVerbCommand.Create("unmask", "Allow to start units again"),
        PmVerbCommand.Create("remove", "Forget stopped units"),
        PmVerbCommand.Create("wait", "Wait until units are over, and end as they did"),
        PmVerbCommand.Create("is-active", "Tell by the exit code whether units run"),
        PmVerbCommand.Create("set-property", "Change values of a unit: UNIT KEY=VALUE…"),
        PmIsHealthyCommand.Create(TimeProvider.System),
        PmKillCommand.Create(),
        PmStatusCommand.Create(),
        PmListCommand.Create(),
        PmTopCommand.Create(),
        PmInventoryCommand.Create(),
        PmAskCommand.Create(),
        PmCatCommand.Create("cat", "Show units as the manager has them"),
        PmCatCommand.Create("list-dependencies", "Show what units need, as a tree"),
        PmGraphCommand.Create(),
        PmLogsCommand.Create(),
        PmAttachCommand.Create(),
        PmShutdownCommand.Create(),
        PmManagerCommand.Create("upgrade", "Start the manager anew, with the program that is there now; the units go on"),
        PmManagerCommand.Create("rotate", "Begin new log files"),
        PmImportCommand.Create(),
        PmHostCommand.Create(),
    };

    public static Option<string?> Home() => new("--home")
    {
        Description = "The manager's directory (default: $PMHOME, else /var/opt/pm for root)",
        HelpName = "DIR",
    };

    public static Argument<string?> Manager() => new("manager")
    {
        Description = "Another manager: a unit of type pm, or a remote of the inventory",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Option<bool> Json() => new("--json") { Description = "Print the manager's own lines of JSON" };

    public static Argument<string[]> Units(bool isOptional = false) => new("unit")
    {
        Description = "Units: NAME, or MANAGER.NAME",
        Arity = isOptional ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore,
    };

    public static PmHome HomeOf(string? given) => given is null ? PmHome.Default : new(Path.GetFullPath(given));

    public static string Text(this JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) ? value.ValueKind == JsonValueKind.String ? value.GetString()! : value.ToString() : "";

    /// <summary>What the last line of an answer says, and the exit code it means.</summary>
    public static int Finish(this ControlResult result, TextWriter error)
    {
        if (result.Message.Length > 0) error.WriteLine(result.Message);
        return result.Exit;
    }
}
