using System.Globalization;
using System.Text;
using Firn.Linux.Events;
using Firn.Linux.Processes;
using Firn.Linux.Sockets;
using Firn.Supervision.States;
using Firn.Supervision.Units;

namespace Firn.Supervision.Engine;

/// <summary>Whether units are ready, and whether those that run still do: messages, probes, checks, watchdogs.</summary>
internal sealed class UnitReadiness(Supervisor supervisor)
{
    private const int FirstProbe = 20, LongestProbe = 500, LongestMessage = 4096;

    private Descriptor? _messages;

    /// <summary>Listens for messages of sd_notify(3).</summary>
    public void Listen()
    {
        _messages = supervisor.Options.Store.Find("notify");
        if (_messages is null)
        {
            _messages = UnixSocket.ReceiveAt(supervisor.Home.NotifySocket);
            supervisor.Options.Store.Keep("notify", _messages);
        }
        // everyone may send; only what comes from a process of a unit counts
        Firn.Linux.Files.RawFiles.SetMode(Firn.Linux.Files.RawPath.From(supervisor.Home.NotifySocket), 0x1b6);
        supervisor.Loop.Watch(_messages, PollEvents.Read, _ => ReadMessages());
    }

    /// <summary>What a unit that is about to start must be given to show that it is ready.</summary>
    public (int, string)? Prepare(Unit unit)
    {
        if (unit.Definition.Ready.Kind != ReadyKind.Descriptor) return null;
        var (read, write) = Descriptor.Pipe();
        unit.ReadyPipe = read;
        unit.ReadyPipeWrite = write;
        return (unit.Definition.Ready.Number, write.Path);
    }

    /// <summary>Its process was started: from now on it is looked at.</summary>
    public void Begin(Unit unit)
    {
        var ready = unit.Definition.Ready;
        switch (ready.Kind)
        {
            case ReadyKind.Settle:
                ProbeIn(unit, ready.Milliseconds);
                break;
            case ReadyKind.Descriptor:
                unit.ReadyPipeWrite?.Dispose();
                unit.ReadyPipeWrite = null;
                supervisor.Loop.Watch(unit.ReadyPipe!, PollEvents.Read, _ => ReadReadyPipe(unit));
                break;
            case ReadyKind.Notify or ReadyKind.Exit:
                break;
            default:
                ProbeIn(unit, FirstProbe);
                break;
        }
    }

    public void Forget(Unit unit)
    {
        if (unit.ReadyPipe is { } pipe)
        {
            supervisor.Loop.Forget(pipe);
            pipe.Dispose();
            unit.ReadyPipe = null;
        }
        unit.ReadyPipeWrite?.Dispose();
        unit.ReadyPipeWrite = null;
    }

    public void Probe(Unit unit)
    {
        unit.ProbeAt = Unit.Never;
        if (unit.Phase != UnitPhase.Starting) return;
        var ready = unit.Definition.Ready;
        switch (ready.Kind)
        {
            case ReadyKind.Settle:
                if (unit.Main != 0) supervisor.Raise(unit, UnitEvent.ConditionOk);
                return;
            case ReadyKind.PidFile when ReadPidFile(unit) is { } process:
                if (process.Pid != unit.Main) supervisor.Processes.SetMain(unit, process.Pid, UnitProcesses.GroupOf(unit, process));
                supervisor.Raise(unit, UnitEvent.ConditionOk);
                return;
            case ReadyKind.Tcp when Accepts(() => UnixSocket.ConnectLocal(ready.Number)):
            case ReadyKind.Unix when Accepts(() => UnixSocket.Connect(ready.Text)):
                supervisor.Raise(unit, UnitEvent.ConditionOk);
                return;
            case ReadyKind.Command:
                supervisor.Processes.RunCommands(unit, [CommandWords.Split(ready.Text)!], isOk =>
                {
                    if (unit.Phase != UnitPhase.Starting) return;
                    if (isOk) supervisor.Raise(unit, UnitEvent.ConditionOk);
                    else ProbeAgain(unit);
                });
                return;
            default:
                ProbeAgain(unit);
                return;
        }
    }

    /// <summary>A process that ends because it has left another behind, which its pid file names.</summary>
    public bool IsHandover(Unit unit, ProcessEnd? end)
    {
        if (unit.Definition.Ready.Kind != ReadyKind.PidFile || unit.Phase != UnitPhase.Starting || end is not { Code: 0 }) return false;
        ProbeIn(unit, FirstProbe);
        return true;
    }

    /// <summary>It runs: what is looked at from now on.</summary>
    public void Announce(Unit unit)
    {
        var definition = unit.Definition;
        if (definition.Watchdog != int.MaxValue && unit.Main != 0) WatchdogIn(unit);
        if (definition.Check.Length == 0 || definition.CheckInterval == int.MaxValue || unit.Phase != UnitPhase.Running) return;
        unit.CheckAt = Supervisor.Now + definition.CheckInterval;
        supervisor.Schedule(unit);
    }

    /// <summary>Runs the command that looks for a unit.</summary>
    public void Check(Unit unit)
    {
        unit.CheckAt = Unit.Never;
        if (unit.Phase != UnitPhase.Running) return;
        supervisor.Processes.RunCommands(unit, unit.Definition.Check, isOk =>
        {
            if (unit.Phase != UnitPhase.Running) return;
            unit.FailedChecks = isOk ? 0 : unit.FailedChecks + 1;
            if (unit.FailedChecks >= unit.Definition.CheckFailures) supervisor.Raise(unit, UnitEvent.CheckFailed);
            else Announce(unit);
        });
    }

    public void WatchdogMissed(Unit unit)
    {
        unit.WatchdogAt = Unit.Never;
        if (unit.Phase is not (UnitPhase.Running or UnitPhase.Reloading) || unit.Main == 0) return;
        supervisor.Tell($"{unit.Name}: it gave no sign of life for {unit.Definition.Watchdog} ms; it is aborted");
        unit.Notice = "its watchdog was not answered";
        Signals.SendToGroup(unit.Group, Signals.Abort);
    }

    private void WatchdogIn(Unit unit)
    {
        unit.WatchdogAt = Supervisor.Now + unit.Definition.Watchdog;
        supervisor.Schedule(unit);
    }

    private void ProbeIn(Unit unit, int milliseconds)
    {
        unit.ProbeDelay = milliseconds;
        unit.ProbeAt = Supervisor.Now + milliseconds;
        supervisor.Schedule(unit);
    }

    private void ProbeAgain(Unit unit) => ProbeIn(unit, Math.Clamp(unit.ProbeDelay * 2, FirstProbe, LongestProbe));

    private static bool Accepts(Func<Descriptor> connect)
    {
        try
        {
            connect().Dispose();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static ProcessRecord? ReadPidFile(Unit unit)
    {
        if (Firn.Linux.Files.SmallFile.Read(unit.Definition.PidFile) is not { } text
            || !int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || pid <= 1) return null;
        // a file that another life of the service has left names a process that is none of ours
        if (pid != unit.Main && ProcessRecord.Variable(pid, "PM_JOB") is { } job && job != unit.Job) return null;
        return ProcessRecord.Read(pid) is { HasEnded: false } process ? process : null;
    }

    private void ReadReadyPipe(Unit unit)
    {
        if (unit.ReadyPipe is not { } pipe) return;
        Span<byte> buffer = stackalloc byte[256];
        var count = pipe.Read(buffer);
        if (count < 0 && Descriptor.WouldBlock) return;
        var isReady = count > 0 && buffer[..count].Contains((byte)'\n');
        if (count > 0 && !isReady) return;
        Forget(unit);
        if (unit.Phase == UnitPhase.Starting) supervisor.Raise(unit, isReady ? UnitEvent.ConditionOk : UnitEvent.ConditionFail);
    }

    private void ReadMessages()
    {
        Span<byte> buffer = stackalloc byte[LongestMessage];
        while (UnixSocket.Receive(_messages!, buffer, out var sender) is >= 0 and var length)
            if (OwnerOf(sender) is { } unit)
                foreach (var line in Encoding.UTF8.GetString(buffer[..length]).Split('\n')) Message(unit, line);
    }

    /// <summary>The unit whose process a message comes from: of its group, or started with its job.</summary>
    private Unit? OwnerOf(int pid)
    {
        if (supervisor.Processes.Find(pid) is { } main) return main;
        if (ProcessRecord.Read(pid) is { } process && supervisor.Processes.FindGroup(process.Session) is { } unit) return unit;
        if (ProcessRecord.Variable(pid, "PM_HOME") != supervisor.Home.Path) return null;
        return ProcessRecord.Variable(pid, "PM_UNIT") is { } name && supervisor.Units.Find(name) is { } named
            && ProcessRecord.Variable(pid, "PM_JOB") == named.Job ? named : null;
    }

    private void Message(Unit unit, string line)
    {
        var equals = line.IndexOf('=');
        if (equals < 0) return;
        var value = line[(equals + 1)..];
        switch (line[..equals])
        {
            case "READY" when value == "1":
                if (unit.Phase == UnitPhase.Starting) supervisor.Raise(unit, UnitEvent.ConditionOk);
                else if (unit.Phase == UnitPhase.Reloading) supervisor.Raise(unit, UnitEvent.ReloadOk);
                break;
            case "RELOADING" when value == "1":
                unit.ReloadIsNotified = true;
                break;
            case "STOPPING" when value == "1":
                unit.StatusText = "it stops by itself";
                break;
            case "STATUS":
                unit.StatusText = value.Length > 200 ? value[..200] : value;
                break;
            case "MAINPID" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var pid):
                // only a process of the unit itself may take the place
                if (pid != unit.Main && pid > 1 && ProcessRecord.Read(pid) is { HasEnded: false } process && OwnerOf(pid) == unit)
                    supervisor.Processes.SetMain(unit, pid, UnitProcesses.GroupOf(unit, process));
                break;
            case "WATCHDOG" when value == "1":
                if (unit.Definition.Watchdog != int.MaxValue && unit.Phase is UnitPhase.Running or UnitPhase.Reloading) WatchdogIn(unit);
                break;
            case "WATCHDOG" when value == "trigger":
                WatchdogMissed(unit);
                break;
            case "EXTEND_TIMEOUT_USEC" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds):
                if (unit.Phase is UnitPhase.Starting or UnitPhase.Stopping or UnitPhase.Reloading && unit.PhaseDeadline != Unit.Never)
                    unit.PhaseDeadline = Math.Max(unit.PhaseDeadline, Supervisor.Now + Math.Min(microseconds / 1000, int.MaxValue));
                break;
        }
    }
}
