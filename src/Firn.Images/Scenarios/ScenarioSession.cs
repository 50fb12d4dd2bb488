using System.Collections.Immutable;
using System.Globalization;
using Firn.Images.VirtualMachines;
using Firn.Linux.Processes;

namespace Firn.Images.Scenarios;

/// <summary>A scenario on its way: its machine, its server and the values of its variables.</summary>
internal sealed class ScenarioSession : IDisposable
{
    private const string GuestNameOfHost = "10.0.2.2";    // QEMU's user network: what listens on 127.0.0.1 of the host
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(2), CommandLimit = TimeSpan.FromMinutes(1);
    private static readonly HostTool Shell = new("sh", "dash");

    private readonly Scenario _scenario;
    private readonly ScenarioOptions _options;
    private readonly Dictionary<string, string> _values = [];
    private readonly StaticFileServer? _server;
    private readonly Deadline _deadline;
    private VirtualMachine? _machine;

    public ScenarioSession(Scenario scenario, ScenarioOptions options)
    {
        (_scenario, _options) = (scenario, options);
        _deadline = new(scenario.TimeLimit * options.TimeScale);
        foreach (var (name, value) in options.Variables) _values[name] = value;
        foreach (var (name, value) in scenario.Variables)
            if (!_values.ContainsKey(name)) _values[name] = value ?? throw new ArgumentException($"{scenario.File}: the variable '{name}' has no value", nameof(options));
        if (scenario.Machine.Serve is not { } serve) return;
        _server = new(PathOf(serve));
        _values[ScenarioReader.ServeVariable] = $"http://{GuestNameOfHost}:{_server.Port}";
    }

    /// <summary>Null when it is off.</summary>
    public VirtualMachine? RunningMachine => _machine is { IsRunning: true } ? _machine : null;

    public string Console => _machine?.Console.Text ?? "";

    /// <summary>What a failure may come from, apart from the image.</summary>
    public IEnumerable<string> Hints
    {
        get
        {
            if (_deadline.IsOver) yield return $"the scenario's time limit of {_deadline} is over";
            if (Console.Contains("IO-APIC + timer doesn't work", StringComparison.Ordinal))
                yield return "this panic comes from an emulator on a busy host, not from the image: try again, or boot with no_timer_check";
        }
    }

    public string TitleOf(ScenarioStep step) => ScenarioVariables.ExpandKnown(step.Title, _values);

    public ImmutableArray<string> LastLines(int count) =>
        _machine?.Console.LastLines(count).TrimStart('\n') is { Length: > 0 } text ? [.. text.Split('\n')] : [];

    public ImmutableArray<string> FirmwareLines(int count) =>
        _machine?.FirmwareLog is { Length: > 0 } text ? [.. text.TrimEnd().Split('\n').TakeLast(count)] : [];

    /// <exception cref="IOException">The step failed, for the reason in the message.</exception>
    public (string? Output, string? Failure) Run(ScenarioStep step, CancellationToken cancellation)
    {
        if (_deadline.IsOver) return (null, "there was no time left for this step");
        switch (step)
        {
            case ScenarioStep.Start:
                Machine.Start(cancellation);
                return default;
            case ScenarioStep.Wait wait:
                var found = Machine.Console.WaitFor(
                    Pattern(wait.Pattern), Limit(wait.Within, WaitLimit), wait.Unless is null ? null : Pattern(wait.Unless), cancellation);
                return (found.Value, null);
            case ScenarioStep.Login login:
                Machine.Login(
                    Expand(login.User), login.Password is null ? null : Expand(login.Password), Limit(login.Within, WaitLimit), cancellation);
                return default;
            case ScenarioStep.Run run:
                var result = run.IsOnHost ? RunOnHost(run, cancellation) : RunInGuest(run, cancellation);
                return (result.Output, Judge(run, result));
            case ScenarioStep.Send send:
                Machine.Console.SendLine(Expand(send.Text));
                return default;
            case ScenarioStep.UsbAttach usb:
                Machine.AttachUsb(PathOf(usb.File));
                return default;
            case ScenarioStep.UsbDetach usb:
                Machine.DetachUsb(PathOf(usb.File));
                return default;
            case ScenarioStep.CutPower cut:
                if (cut.When is { } when) Machine.Console.WaitHastilyFor(Pattern(when), Limit(cut.Within, WaitLimit), cancellation);
                Sleep(cut.After, cancellation);
                Machine.CutPower();
                return default;
            case ScenarioStep.Reset:
                Machine.Reset();
                return default;
            case ScenarioStep.PowerButton:
                Machine.PowerButton();
                return default;
            case ScenarioStep.WaitExit exit:
                Machine.WaitForExit(Limit(exit.Within, WaitLimit), cancellation);
                return default;
            case ScenarioStep.Sleep sleep:
                Sleep(sleep.Time, cancellation);
                return default;
            default:
                return default;    // a note says what it says by being there
        }
    }

    public void Dispose()
    {
        _machine?.Dispose();
        _server?.Dispose();
    }

    /// <summary>Made when it is first needed: steps on the host may build its drives before.</summary>
    private VirtualMachine Machine => _machine ??= new(new VirtualMachineOptions(_options.Disk)
    {
        Firmware = _options.Firmware ?? _scenario.Machine.Firmware,
        Accelerator = _options.Accelerator,
        Watchdog = _scenario.Machine.Watchdog,
        Mac = _scenario.Machine.Mac,
        Uuid = _scenario.Machine.Uuid,
        MemoryBytes = _scenario.Machine.MemoryBytes,
        Cpus = _scenario.Machine.Cpus,
        DiskSizeBytes = _scenario.Machine.DiskSizeBytes,
        Drives = [.. _scenario.Machine.Drives.Select(PathOf)],
        UsbDrives = [.. _scenario.Machine.UsbDrives.Select(PathOf)],
        Forwards = _scenario.Machine.Forwards,
        ConsoleLog = _options.ConsoleLog,
        TimeScale = _options.TimeScale,
    });

    private CommandResult RunInGuest(ScenarioStep.Run run, CancellationToken cancellation)
    {
        var resets = Machine.ResetCount;
        try
        {
            return Machine.RunCommand(Expand(run.Command), Limit(run.Within, CommandLimit), cancellation);
        }
        catch (VirtualMachineException) when (run.ExitCode is null && (Machine.ResetCount > resets || !Machine.IsRunning))
        {
            return new(0, "");    // `reboot`, say: there was no time to answer
        }
    }

    private CommandResult RunOnHost(ScenarioStep.Run run, CancellationToken cancellation)
    {
        var limit = Limit(run.Within, _scenario.TimeLimit) * _options.TimeScale;
        using var process = TetheredProcess.Start(Shell.Locate(), ["-c", Expand(run.Command)], _scenario.Directory, _values);
        if (!process.WaitForExit(limit, cancellation))
            throw new VirtualMachineException($"did not end within {new Deadline(limit)}; it wrote:\n{process.Output}");
        return new(process.ExitCode!.Value, process.Output);
    }

    /// <summary>Says what is wrong with a command's result, or keeps from it what is to be saved.</summary>
    private string? Judge(ScenarioStep.Run run, CommandResult result)
    {
        if (run.ExitCode is { } code && result.ExitCode != code)
            return string.Create(CultureInfo.InvariantCulture, $"expected exit code {code}, but it was {result.ExitCode}; {Wrote(result)}");
        foreach (var expected in run.Expect.Select(Pattern))
            if (!Matches(expected, result)) return $"expected /{expected}/; {Wrote(result)}";
        foreach (var refused in run.ExpectNot.Select(Pattern))
            if (Matches(refused, result)) return $"expected no /{refused}/; {Wrote(result)}";
        foreach (var (name, pattern) in run.Save)
        {
            var match = SerialConsole.Pattern(Pattern(pattern)).Match(result.Output);
            if (!match.Success) return $"expected /{pattern}/ to save as '{name}'; {Wrote(result)}";
            _values[name] = match.Groups[match.Groups.Count > 1 ? 1 : 0].Value;
        }
        return null;
    }

    private static bool Matches(string pattern, CommandResult result) => SerialConsole.Pattern(pattern).IsMatch(result.Output);

    private static string Wrote(CommandResult result) =>
        result.Output.Length == 0 ? "it wrote nothing" : $"it wrote:\n{result.Output.TrimEnd('\n')}";

    /// <summary>What is left of the scenario's time is the most that any step has. Not scaled yet.</summary>
    private TimeSpan Limit(TimeSpan? within, TimeSpan standard)
    {
        var left = _deadline.Left / _options.TimeScale;
        return (within ?? standard) is var limit && limit < left ? limit : left;
    }

    private void Sleep(TimeSpan time, CancellationToken cancellation)
    {
        if (cancellation.WaitHandle.WaitOne(Limit(time, time) * _options.TimeScale)) cancellation.ThrowIfCancellationRequested();
    }

    private string Expand(string text) => ScenarioVariables.Expand(text, _values);
    private string Pattern(string pattern) => ScenarioVariables.ExpandPattern(pattern, _values);
    private string PathOf(string path) => Path.GetFullPath(Expand(path), _scenario.Directory);
}
