using System.Diagnostics;
using System.Text.Json;
using Firn.Dispatch.Remotes;
using Firn.Supervision.Control;

namespace Firn.Cli.Commands.Pm;

/// <summary>Brings a command to the managers whose units it names.</summary>
internal sealed class PmManagers(string? home)
{
    private readonly PmAddresses _addresses = new(PmCommands.HomeOf(home), () => Inventory.Read(Inventory.DefaultPath));

    /// <summary>Asks each manager once, with its own units, in the order in which they were named.</summary>
    public ControlResult Ask(ControlRequest request, Action<JsonElement> line)
    {
        if (request.Units.Count == 0) return new PmTarget.Local(PmCommands.HomeOf(home)).Ask(request, line);
        var groups = new List<(PmTarget Target, List<string> Units)>();
        foreach (var address in request.Units)
        {
            var (target, unit) = _addresses.Resolve(address);
            var index = groups.FindIndex(group => group.Target == target);
            if (index < 0) groups.Add((target, [unit]));
            else groups[index].Units.Add(unit);
        }
        var (exit, messages) = (0, new List<string>());
        foreach (var (target, units) in groups)
        {
            var result = target.Ask(request with { Units = units }, line);
            if (result.Exit != 0) exit = result.Exit;
            if (result.Message.Length > 0) messages.Add(result.Message);
        }
        return new(exit, string.Join('\n', messages));
    }

    /// <summary>Asks a manager about all its units.</summary>
    /// <param name="manager">Null for the one at home.</param>
    public ControlResult AskAll(string? manager, ControlRequest request, Action<JsonElement> line)
    {
        if (manager is null) return Ask(request, line);
        if (_addresses.ResolveManager(manager) is not var (target, rest)) return new(4, $"{manager}: no such manager, neither a unit of type pm nor in {Inventory.DefaultPath}");
        // the rest of an address elsewhere is for the program there
        return target.Ask(rest.Length == 0 ? request : request with { Properties = [.. request.Properties, $"manager={rest}"] }, line);
    }

    /// <summary>Where a unit's files are; null when a program elsewhere has been run for it, whose exit code is then set.</summary>
    public (PmTarget.Local Target, string Unit)? Find(string address, IReadOnlyList<string> words, bool hasTerminal, out int exit)
    {
        exit = 0;
        var (target, unit) = _addresses.Resolve(address);
        if (target is PmTarget.Local local) return (local, unit);
        if (target is not PmTarget.Elsewhere elsewhere) throw new ManagerUnreachableException($"{address}: a forwarded socket does not reach this; use ssh or via in the inventory");
        var command = elsewhere.Entry.CommandFor([words[0], unit, .. words.Skip(1)], hasTerminal);
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]))!;
        process.WaitForExit();
        exit = process.ExitCode;
        return null;
    }
}
