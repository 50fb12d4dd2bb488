using Firn.Supervision.States;

namespace Firn.Tests.Supervision.States;

/// <summary>One unit with imagined processes: does what the steps ask for, and checks what must always hold.</summary>
internal sealed class UnitWorld
{
    public const int Choices = 18;

    private UnitStatus _status = new(UnitPhase.Stopped);
    private bool _hasMain, _hasOthers, _isStubborn, _hasTimer, _isOneshot;
    private int _openJobs, _starts;

    public void Happen(int choice)
    {
        switch (choice)
        {
            case 0 or 1: Apply(UnitEvent.StartCommand); break;
            case 2: Apply(UnitEvent.StopCommand); break;
            case 3: Apply(UnitEvent.RestartCommand); break;
            case 4: Apply(UnitEvent.ReloadCommand); break;
            case 5: if (_status.Phase == UnitPhase.ScheduledStart) Apply(UnitEvent.DependOk); break;
            case 6: Apply(UnitEvent.DependFail); break;
            case 7: if (_status.Phase == UnitPhase.ScheduledStop) Apply(UnitEvent.DependQuit); break;
            case 8: if (_status.Phase == UnitPhase.Starting && _hasMain) Apply(UnitEvent.ConditionOk); break;
            case 9: if (_status.Phase == UnitPhase.Starting) Apply(UnitEvent.ConditionFail); break;
            case 10: Die(); break;
            case 11: _hasOthers |= _hasMain; break;    // it forks
            case 12: _isStubborn = !_isStubborn; break;
            case 13: if (_hasTimer) Apply(UnitEvent.Timeout); break;
            case 14: Apply(UnitEvent.ReloadOk); break;
            case 15: Apply(UnitEvent.ReloadFail); break;
            case 16: Apply(UnitEvent.ResetFailed); break;
            case 17: _isOneshot = !_isOneshot && !_hasMain; break;
        }
    }

    /// <summary>However it is: a stop ends, and only the kernel may keep a process.</summary>
    public void StopAndWait()
    {
        Apply(UnitEvent.StopCommand);
        for (var i = 0; i < 8 && _status.Phase is not (UnitPhase.Stopped or UnitPhase.Fatal); i++)
        {
            Assert.True(_hasTimer || _status.Phase is UnitPhase.Stopped, $"{_status.Phase} waits without a time");
            Apply(UnitEvent.Timeout);
        }
        Assert.True(_status.Phase is UnitPhase.Stopped or UnitPhase.Fatal, $"a stop ended in {_status.Phase}");
        if (_status.Phase == UnitPhase.Stopped)
        {
            Assert.False(_hasMain || _hasOthers, "stopped, and a process lives");
            Assert.Equal(0, _openJobs);
        }
    }

    private void Apply(UnitEvent what)
    {
        var before = _status.Phase;
        var (next, steps) = Transitions.Next(_status, what, new(
            HasProcesses: _hasMain || _hasOthers, MayRestart: _starts < 40, IsCompletion: _isOneshot, EndedCleanly: _isOneshot));
        if ((steps & UnitSteps.Unexpected) != 0) return;
        _status = next;
        if (before != next.Phase) _hasTimer = false;
        if ((steps & UnitSteps.EndJob) != 0) _openJobs = 0;
        if ((steps & UnitSteps.BeginJob) != 0)
        {
            _openJobs++;
            Assert.Equal(1, _openJobs);
        }
        if ((steps & (UnitSteps.StartDependencies | UnitSteps.StopDependents | UnitSteps.RestartDependents | UnitSteps.Halt | UnitSteps.Sweep | UnitSteps.Kill | UnitSteps.Launch | UnitSteps.Reload | UnitSteps.BackOff)) != 0) _hasTimer = true;
        if ((steps & UnitSteps.Launch) != 0)
        {
            Assert.False(_hasMain, "a second main process");
            Assert.False(_hasOthers, "a start beside what is left of the last one");
            (_hasMain, _starts) = (true, _starts + 1);
        }
        if ((steps & (UnitSteps.Halt | UnitSteps.Sweep)) != 0) Signal(_isStubborn);
        if ((steps & UnitSteps.Kill) != 0) Signal(isIgnored: false);
        if (next.Phase is UnitPhase.Running or UnitPhase.Reloading) Assert.True(_hasMain || _isOneshot, "running without a process");
        if (next.Phase is UnitPhase.Stopped or UnitPhase.ScheduledStart) Assert.False(_hasMain, $"{next.Phase} with a main process");
    }

    private void Signal(bool isIgnored)
    {
        if (isIgnored && (_hasMain || _hasOthers)) return;
        var hadMain = _hasMain;
        _hasMain = _hasOthers = false;
        if (hadMain) Apply(UnitEvent.ProcessGone);
        Apply(UnitEvent.GroupEmpty);
    }

    private void Die()
    {
        if (!_hasMain) return;
        _hasMain = false;
        Apply(UnitEvent.ProcessGone);
        if (!_hasMain && !_hasOthers && _status.Phase is not (UnitPhase.Running or UnitPhase.Stopped)) Apply(UnitEvent.GroupEmpty);
    }
}
