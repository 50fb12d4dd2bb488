using Firn.Supervision.Engine;
using Firn.Supervision.States;
using Firn.Supervision.Units;

namespace Firn.Supervision.Control;

/// <summary>A verb for some units, until it is complete for all of them.</summary>
internal sealed class VerbRun(Supervisor supervisor, ControlRequest request, List<Unit> units, CommandAnswer answer)
{
    private int _remaining;
    private int _exit;
    private readonly List<string> _failures = [];

    public void Begin()
    {
        _remaining = 1;
        foreach (var unit in units)
        {
            _remaining++;
            Begin(unit);
        }
        supervisor.Settle();
        if (!request.Blocks && _remaining > 0 && request.Verb != "wait")
        {
            _remaining = -1;
            answer.End(_exit, string.Join('\n', _failures));
        }
        else Finish();
    }

    private void Begin(Unit unit)
    {
        var isRunning = unit.Phase is UnitPhase.Running or UnitPhase.Reloading;
        switch (request.Verb)
        {
            case "start" when isRunning: Finish(); break;
            case "start": Command(unit, "start", UnitEvent.StartCommand); break;
            case "stop" when unit.Phase == UnitPhase.Stopped:
                supervisor.Raise(unit, UnitEvent.StopCommand);
                Finish();
                break;
            case "stop": Command(unit, "stop", UnitEvent.StopCommand); break;
            case "reload" when !isRunning: Fail(unit, ControlCommands.NotRunning, "is not running"); break;
            case "reload": Command(unit, "reload", UnitEvent.ReloadCommand); break;
            case "try-restart" or "try-reload-or-restart" when !isRunning: Finish(); break;
            case "restart" or "try-restart": Restart(unit, isRunning); break;
            case "reload-or-restart" or "try-reload-or-restart":
                if (isRunning && (unit.Definition.Reload.Length > 0 || unit.ReloadIsNotified)) Command(unit, "reload", UnitEvent.ReloadCommand);
                else Restart(unit, isRunning);
                break;
            case "wait" when unit.Phase == UnitPhase.Stopped: WaitOver(unit); break;
            case "wait": unit.Waiters.Add(new("stop", unit.Job, (_, progress) => { if (progress != WaitProgress.Moving) WaitOver(unit); })); break;
        }
    }

    private void Restart(Unit unit, bool isRunning)
    {
        if (!isRunning || unit.Definition.RestartPre.Length == 0)
        {
            Command(unit, isRunning ? "restart" : "start", isRunning ? UnitEvent.RestartCommand : UnitEvent.StartCommand);
            return;
        }
        supervisor.Processes.RunCommands(unit, unit.Definition.RestartPre, isOk =>
        {
            if (isOk) Command(unit, "restart", UnitEvent.RestartCommand);
            else Fail(unit, ControlCommands.Failed, "what runs before a restart failed; it goes on running");
        });
    }

    private void Command(Unit unit, string verb, UnitEvent command)
    {
        if (command is UnitEvent.StartCommand or UnitEvent.RestartCommand && WhyNot(unit) is { } reason)
        {
            Fail(unit, ControlCommands.Failed, reason);
            return;
        }
        unit.Waiters.Add(new(verb, unit.Job, (changed, progress) =>
        {
            if (progress == WaitProgress.Moving)
            {
                if (request.Blocks) answer.Send(ControlReply.Progress(changed));
            }
            else if (progress == WaitProgress.Done) Finish();
            else Fail(changed, ControlCommands.Failed, Describe(changed));
        }));
        supervisor.Raise(unit, command);
    }

    private static string? WhyNot(Unit unit) =>
        unit.IsMasked ? "is masked" : UnitName.IsTemplate(unit.Name) ? "is a template; name an instance" : unit.Problem;

    private static string Describe(Unit unit)
    {
        var reason = unit.Status.Reason.Name();
        var notice = unit.Notice.Length > 0 ? $": {unit.Notice}" : unit.LastEnd is { } end ? $": exit code {end.Code}" : "";
        return $"is {unit.Phase.Name()}{(reason.Length > 0 ? $" ({reason})" : "")}{notice}";
    }

    private void WaitOver(Unit unit)
    {
        _exit = unit.LastEnd?.Code ?? (unit.Status.HasFailed ? ControlCommands.Failed : 0);
        Finish();
    }

    private void Fail(Unit unit, int exit, string reason)
    {
        _exit = exit;
        _failures.Add($"{unit.Name}: {reason}");
        Finish();
    }

    private void Finish()
    {
        if (--_remaining == 0) answer.End(_exit, string.Join('\n', _failures));
    }
}
