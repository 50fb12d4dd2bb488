using Firn.Linux.Processes;
using Firn.Supervision.Engine;
using Firn.Supervision.Holding;
using Firn.Supervision.States;
using Firn.Supervision.Units;

namespace Firn.Supervision.Control;

/// <summary>What each verb does in the manager. The codes are the exit codes of the client.</summary>
internal sealed class ControlCommands
{
    public const int Done = 0, Failed = 1, WrongUsage = 2, NotRunning = 3, NoSuchUnit = 4, Busy = 75, RestartMe = 60;

    private readonly Supervisor _supervisor;
    private readonly List<CommandAnswer> _subscribers = [];

    public ControlCommands(Supervisor supervisor)
    {
        _supervisor = supervisor;
        supervisor.Changed = Publish;
    }

    public void Execute(ControlRequest request, CommandAnswer answer)
    {
        switch (request.Verb)
        {
            case "list" or "status": Show(request, answer); return;
            case "subscribe": _subscribers.Add(answer); return;
            case "set-property": SetProperty(request, answer); return;
            case "shutdown": Shutdown(request, answer); return;
            case "upgrade": End(answer, "again", RestartMe); return;
            case "yield": Yield(answer); return;
            case "ping": answer.End(Done, ""); return;
            case "rotate": RotateLogs(answer); return;
        }
        if (request.Units.Count == 0)
        {
            answer.End(WrongUsage, $"{request.Verb}: no unit was named");
            return;
        }
        if (request.Properties.Count > 0 && request.Verb is "start" or "restart" or "reload-or-restart")
            foreach (var name in request.Units)
                if (!TrySet(name, request.Properties, "parameter.", out var problem))
                {
                    answer.End(WrongUsage, problem);
                    return;
                }
        var units = new List<Unit>();
        foreach (var name in request.Units)
            if (Find(name) is { } unit) units.Add(unit);
            else
            {
                answer.End(NoSuchUnit, $"{name}: no such unit");
                return;
            }
        switch (request.Verb)
        {
            case "start" or "stop" or "restart" or "reload" or "try-restart" or "reload-or-restart" or "try-reload-or-restart" or "wait":
                new VerbRun(_supervisor, request, units, answer).Begin();
                break;
            case "reset-failed": ForEach(units, answer, unit => _supervisor.Raise(unit, UnitEvent.ResetFailed)); break;
            case "mask": ForEach(units, answer, unit => Mask(unit, true)); break;
            case "unmask": ForEach(units, answer, unit => Mask(unit, false)); break;
            case "enable": ForEach(units, answer, unit => Enable(unit, true)); break;
            case "disable": ForEach(units, answer, unit => Enable(unit, false)); break;
            case "remove": Remove(units, answer); break;
            case "kill": Kill(units, request, answer); break;
            case "cat": ShowTexts(units, answer, unit => unit.Properties.ToString()); break;
            case "list-dependencies": ShowTexts(units, answer, DependencyTree); break;
            case "is-active": answer.End(units.TrueForAll(unit => unit.Phase is UnitPhase.Running or UnitPhase.Reloading) ? Done : NotRunning, ""); break;
            case "attach": Attach(units[0], answer); break;
            case "resize": Resize(units[0], request, answer); break;
            default: answer.End(WrongUsage, $"{request.Verb}: no such verb"); break;
        }
    }

    private Unit? Find(string name)
    {
        if (_supervisor.Units.Find(name) is { IsDefined: true } unit) return unit;
        return UnitName.IsValid(name) && UnitName.TemplateOf(name) is { } template && _supervisor.Units.Find(template) is { IsDefined: true }
            ? _supervisor.Units.Get(name) : null;
    }

    private static void ForEach(List<Unit> units, CommandAnswer answer, Action<Unit> act)
    {
        foreach (var unit in units) act(unit);
        answer.End(Done, "");
    }

    private void Show(ControlRequest request, CommandAnswer answer)
    {
        var isStatus = request.Verb == "status";
        var units = new List<Unit>();
        foreach (var name in request.Units)
            if (Find(name) is { } unit) units.Add(unit);
            else
            {
                answer.End(NoSuchUnit, $"{name}: no such unit");
                return;
            }
        if (request.Units.Count == 0)
        {
            foreach (var unit in _supervisor.Units.All)
                if (unit.IsDefined && !UnitName.IsTemplate(unit.Name)) units.Add(unit);
            units.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        }
        var isAllRunning = true;
        foreach (var unit in units)
        {
            answer.Send(ControlReply.Status(unit, isStatus));
            isAllRunning &= unit.Phase is UnitPhase.Running or UnitPhase.Reloading;
        }
        answer.End(isStatus && request.Units.Count > 0 && !isAllRunning ? NotRunning : Done, _supervisor.Store.Problem is { } problem ? $"state cannot be written: {problem}" : "");
    }

    private void SetProperty(ControlRequest request, CommandAnswer answer)
    {
        if (request.Units.Count != 1 || request.Properties.Count == 0) answer.End(WrongUsage, "set-property: expected one unit and KEY=VALUE…");
        else if (TrySet(request.Units[0], request.Properties, "", out var problem)) answer.End(Done, "");
        else answer.End(WrongUsage, problem);
    }

    /// <summary>Replaces the values of each key that is named, and keeps the others.</summary>
    private bool TrySet(string name, IReadOnlyList<string> assignments, string prefix, out string problem)
    {
        problem = "";
        if (!UnitName.IsValid(name))
        {
            problem = $"{name}: no name of a unit; expected {UnitName.Expected}";
            return false;
        }
        var changed = new UnitProperties();
        foreach (var assignment in assignments)
        {
            var equals = assignment.IndexOf('=');
            var key = equals <= 0 ? "" : prefix + assignment[..equals];
            if (UnitKey.Find(key) is null)
            {
                problem = equals <= 0 ? $"{assignment}: expected KEY=VALUE" : $"{key}: no such key";
                return false;
            }
            changed.Add(key, assignment[(equals + 1)..]);
        }
        var existing = _supervisor.Units.Find(name);
        var properties = existing is { IsDefined: true } ? existing.Properties.Copy() : new UnitProperties();
        for (var i = 0; i < changed.Count; i++) properties.Remove(changed.KeyAt(i));
        for (var i = 0; i < changed.Count; i++)
            if (changed.ValueAt(i).Length > 0) properties.Add(changed.KeyAt(i), changed.ValueAt(i));
        string? wrong = null;
        var isWhole = UnitName.TemplateOf(name) is null;
        UnitParser.Parse(name, properties, (key, message) =>
        {
            // a unit may be given its keys one by one: what is still missing is told when it starts
            if (changed.Value(key) is not null && isWhole) wrong ??= message;
        });
        if (wrong is not null)
        {
            problem = $"{name}: {wrong}";
            return false;
        }
        var unit = _supervisor.Units.Get(name);
        _supervisor.Units.Define(unit, properties);
        _supervisor.Store.MakeDirectory(_supervisor.Home.Unit(name));
        _supervisor.Store.Write($"{_supervisor.Home.Unit(name)}/parameter", properties.ToString());
        _supervisor.Logs.Follow(unit);
        for (var i = 0; i < changed.Count; i++)
            if (changed.KeyAt(i).StartsWith("limits.", StringComparison.Ordinal)) _supervisor.Processes.UpdateLimit(unit, changed.KeyAt(i)["limits.".Length..]);
        return true;
    }

    private void Mask(Unit unit, bool isMasked)
    {
        unit.IsMasked = isMasked;
        var path = $"{_supervisor.Home.Unit(unit.Name)}/masked";
        if (isMasked) _supervisor.Store.Write(path, "masked");
        else _supervisor.Store.Delete(path);
    }

    private void Enable(Unit unit, bool isEnabled) => TrySet(unit.Name, [$"enabled={(isEnabled ? "true" : "false")}"], "", out _);

    private void Remove(List<Unit> units, CommandAnswer answer)
    {
        foreach (var unit in units)
            if (unit.Phase != UnitPhase.Stopped)
            {
                answer.End(Failed, $"{unit.Name}: is {unit.Phase.Name()}; stop it first");
                return;
            }
        foreach (var unit in units)
        {
            _supervisor.Logs.Forget(unit);
            _supervisor.Units.Remove(unit);
            _supervisor.Store.DeleteDirectory(_supervisor.Home.Unit(unit.Name));
        }
        answer.End(Done, "");
    }

    private static void Kill(List<Unit> units, ControlRequest request, CommandAnswer answer)
    {
        var signal = Signals.Terminate;
        foreach (var property in request.Properties)
            if (property.StartsWith("signal=", StringComparison.Ordinal) && !Signals.TryParse(property[7..], out signal))
            {
                answer.End(WrongUsage, $"{property[7..]}: no such signal");
                return;
            }
        foreach (var unit in units)
            if (unit.Main == 0 || !Signals.Send(unit.Main, signal))
            {
                answer.End(NotRunning, $"{unit.Name}: has no process");
                return;
            }
        answer.End(Done, "");
    }

    private static void ShowTexts(List<Unit> units, CommandAnswer answer, Func<Unit, string> text)
    {
        foreach (var unit in units) answer.Send(ControlReply.Text(text(unit)));
        answer.End(Done, "");
    }

    private string DependencyTree(Unit unit)
    {
        _supervisor.Units.Refresh();
        var lines = new System.Text.StringBuilder();
        var seen = new HashSet<Unit>();
        Describe(unit, 0);
        return lines.ToString();

        void Describe(Unit next, int depth)
        {
            lines.Append(' ', depth * 2).Append(next.Name).Append("  ").Append(next.IsDefined ? next.Phase.Name() : "not defined").Append('\n');
            if (!seen.Add(next)) return;
            foreach (var other in next.Needs) Describe(other, depth + 1);
            foreach (var name in next.Definition.Wants)
                if (_supervisor.Units.Find(name) is { } wanted) Describe(wanted, depth + 1);
        }
    }

    private void Attach(Unit unit, CommandAnswer answer)
    {
        if (!unit.Definition.HasTerminal) answer.End(Failed, $"{unit.Name}: has no terminal; expected tty: true in the unit");
        else if (unit.Main == 0) answer.End(NotRunning, $"{unit.Name}: is not running");
        else
        {
            answer.End(Done, "");
            if (answer.TakeOver?.Invoke() is { } connection) _supervisor.Logs.Attach(unit, connection, connection.Dispose);
        }
    }

    private void Resize(Unit unit, ControlRequest request, CommandAnswer answer)
    {
        if (!unit.Definition.HasTerminal || unit.Main == 0) answer.End(NotRunning, $"{unit.Name}: no terminal is in use");
        else if (request.Properties is [var rows, var columns] && rows.StartsWith("rows=", StringComparison.Ordinal) && columns.StartsWith("columns=", StringComparison.Ordinal)
            && ushort.TryParse(rows.AsSpan(5), out var height) && ushort.TryParse(columns.AsSpan(8), out var width))
        {
            _supervisor.Logs.Resize(unit, height, width);
            answer.End(Done, "");
        }
        else answer.End(WrongUsage, "resize: expected rows=N columns=N");
    }

    private void RotateLogs(CommandAnswer answer)
    {
        _supervisor.Logs.RotateAll();
        answer.End(Done, "");
    }

    private void Shutdown(ControlRequest request, CommandAnswer answer)
    {
        var power = request.Properties is [var property] && property.StartsWith("power=", StringComparison.Ordinal) ? property[6..] : "";
        if (power.Length > 0 && !Holder.IsPower(power)) answer.End(WrongUsage, $"{power}: expected {Holder.PowerOff}, {Holder.Restart} or {Holder.Halt}");
        else if (power.Length > 0 && !_supervisor.Options.IsFirst) answer.End(Failed, "this manager is not the first process of a machine; it was not started with --init");
        else
        {
            if (_supervisor.Options.IsFirst && power.Length == 0) power = Holder.PowerOff;
            _supervisor.StopAll(() => End(answer, (power.Length > 0 ? $"power {power}\n" : "") + Holder.Exit(0), 0));
        }
    }

    /// <summary>Ends this manager and leaves the units to the next one.</summary>
    private void End(CommandAnswer answer, string order, int code)
    {
        answer.End(Done, "");
        _supervisor.Settle();
        _supervisor.Options.Orders?.Write(System.Text.Encoding.ASCII.GetBytes(order + "\n"));
        _supervisor.End(code);
    }

    /// <summary>A manager whose holder is dead makes room for one that has a holder.</summary>
    private void Yield(CommandAnswer answer)
    {
        if (_supervisor.Options.Holder != 0 && CurrentProcess.Parent == _supervisor.Options.Holder) answer.End(Busy, "a manager runs");
        else End(answer, "exit 0", 0);
    }

    private void Publish(Unit unit)
    {
        if (_subscribers.Count == 0) return;
        _subscribers.RemoveAll(subscriber => subscriber.Closed());
        var line = ControlReply.Progress(unit);
        foreach (var subscriber in _subscribers.ToArray()) subscriber.Send(line);
    }
}
