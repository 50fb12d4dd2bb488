using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Firn.Linux.Processes;

namespace Firn.Images.VirtualMachines;

/// <summary>
/// A machine in QEMU that can be switched on and off, watched and typed to over its serial console. Its disks keep
/// their state from start to start, also over <see cref="CutPower"/>; the files they come from stay as they are unless
/// <see cref="VirtualMachineOptions.Persist"/>. QEMU dies with this process, whatever ends it. Not for several threads
/// at once; several machines may run side by side.
/// </summary>
/// <remarks>Every time limit is multiplied by <see cref="VirtualMachineOptions.TimeScale"/>.</remarks>
public sealed partial class VirtualMachine : IDisposable
{
    internal static readonly HostTool Qemu = new("qemu-system-x86_64", "qemu-system-x86");
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EventLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ExitGrace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AcceptInterval = TimeSpan.FromMilliseconds(20);

    private readonly VirtualMachineOptions _options;
    private readonly MachineFiles _files = new();
    private readonly UsbPorts _usb;
    private readonly GuestShell _shell;
    private readonly QemuArguments _arguments;
    private readonly object _events = new();
    private readonly HashSet<string> _deletedDevices = [];
    private int _resets;
    private long _bootStart;
    private string? _shutdown;
    private TetheredProcess? _process;
    private QmpClient? _control;

    /// <exception cref="IOException">A disk cannot be opened.</exception>
    /// <exception cref="FileNotFoundException">A file, a tool or the firmware is missing; the message says which.</exception>
    public VirtualMachine(VirtualMachineOptions options)
    {
        _options = options;
        try
        {
            Console = new(options.ConsoleLog, options.TimeScale, WhyOff);
            Qemu.Locate();
            _usb = new(_files, options.Persist);
            _shell = new(Console, options.TimeScale);
            _arguments = _files.Arrange(options) with
            {
                ConsoleSocket = _files.PathOf("console"),
                ControlSocket = _files.PathOf("control"),
                FirmwareLog = options.Firmware == FirmwareKind.Bios ? _files.PathOf("firmware.log") : null,
            };
            foreach (var file in options.UsbDrives) _usb.Plug(file);
        }
        catch
        {
            Console?.Dispose();
            _files.Dispose();
            throw;
        }
    }

    public SerialConsole Console { get; }

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>What SeaBIOS said of the last start; empty with other firmware, which uses the console.</summary>
    public string FirmwareLog =>
        _arguments.FirmwareLog is { } path && File.Exists(path) ? File.ReadAllText(path) : "";

    /// <summary>Switches the machine on.</summary>
    /// <exception cref="VirtualMachineException">QEMU did not start; the message has what it said.</exception>
    public void Start(CancellationToken cancellation = default)
    {
        if (IsRunning) throw new VirtualMachineException("start: the machine is on already");
        SwitchedOff();
        Console.Annotate("power on");
        Console.SkipToEnd();
        (_resets, _shutdown, _bootStart) = (0, null, Console.TextEnd);
        using var console = Listen(_arguments.ConsoleSocket!);
        using var control = Listen(_arguments.ControlSocket!);
        var deadline = new Deadline(StartLimit * _options.TimeScale);
        _process = TetheredProcess.Start(Qemu.Locate(), (_arguments with { UsbDrives = _usb.Plugged }).ToList());
        try
        {
            Console.Attach(Accept(console, deadline, cancellation));
            var stream = new NetworkStream(Accept(control, deadline, cancellation), ownsSocket: true);
            _control = new(stream, _options.TimeScale, Hear);
        }
        catch (VirtualMachineException) when (_process.WaitForExit(ExitGrace))
        {
            // QEMU connects before it opens the disks: why it gave up says more than that it went away.
            var why = WhyOff();
            SwitchedOff();
            throw new VirtualMachineException(why);
        }
        catch
        {
            SwitchedOff();
            throw;
        }
    }

    /// <summary>
    /// The plug is pulled: QEMU is killed. Writes that the guest has flushed are kept; others may be lost.
    /// </summary>
    public void CutPower()
    {
        if (!IsRunning) throw new VirtualMachineException($"cut the power: {WhyOff()}");
        _process!.Kill();
        SwitchedOff();
        Console.Annotate("power cut");
        Console.SkipToEnd();
    }

    /// <summary>The reset button.</summary>
    public void Reset()
    {
        var control = Control("reset");
        var resets = ResetCount;
        Console.SkipToEnd();
        control.Execute("system_reset");
        AwaitEvent(() => _resets > resets, "the machine was not reset");
    }

    /// <summary>The power button, pressed for a moment: a guest may switch itself off, or not.</summary>
    public void PowerButton() => Control("power button").Execute("system_powerdown");

    /// <summary>Waits until the guest has switched the machine off.</summary>
    /// <exception cref="VirtualMachineException">It did not in time, or QEMU failed.</exception>
    public void WaitForExit(TimeSpan timeLimit, CancellationToken cancellation = default)
    {
        if (_process is null) throw new VirtualMachineException("wait for the machine to go off: it was never on");
        var limit = timeLimit * _options.TimeScale;
        if (!_process.WaitForExit(limit, cancellation))
            throw new VirtualMachineException($"expected the machine to go off, which it did not within {new Deadline(limit)}");
        var exitCode = _process.ExitCode;
        var why = WhyOff();
        SwitchedOff();
        if (exitCode != 0) throw new VirtualMachineException(why);
    }

    /// <summary>
    /// Logs in at the login prompt of the serial console and waits for the shell. <paramref name="password"/> is null
    /// where none is asked for.
    /// </summary>
    public void Login(string user, string? password, TimeSpan timeLimit, CancellationToken cancellation = default) =>
        _shell.Login(user, password, BootStart, new(timeLimit * _options.TimeScale), cancellation);

    /// <summary>
    /// Runs a command with <c>sh -c</c> in the shell on the serial console, its input empty, and returns its exit code
    /// and what it wrote to stdout and stderr, byte for byte, whatever else the console shows meanwhile.
    /// </summary>
    /// <exception cref="VirtualMachineException">No shell, no answer in time, or the machine panicked, restarted or went off.</exception>
    public CommandResult RunCommand(string command, TimeSpan timeLimit, CancellationToken cancellation = default)
    {
        var (resets, start) = (ResetCount, Console.TextEnd);
        return _shell.Run(command, BootStart, new(timeLimit * _options.TimeScale), Interruption, cancellation);

        string? Interruption() =>
            ResetCount > resets ? "the machine was reset"
            : KernelPanic.Match(Console.TextFrom(start)) is { Success: true } panic ? $"the kernel panicked: {panic.Value}"
            : null;
    }

    /// <summary>Plugs in a USB drive. It keeps what the guest writes to it, until its file changes.</summary>
    public void AttachUsb(string file)
    {
        if (_usb.Find(file) is not null) throw new VirtualMachineException($"{file}: is plugged in already");
        var drive = _usb.Plug(file);
        if (!IsRunning) return;
        var isOpen = false;
        try
        {
            _control!.Execute("blockdev-add", drive.ToBlockDevice());
            isOpen = true;
            _control.Execute("device_add", new()
            {
                ["driver"] = "usb-storage",
                ["bus"] = QemuArguments.UsbBus,
                ["id"] = QemuArguments.DeviceOf(drive),
                ["drive"] = drive.Id,
                ["serial"] = drive.Serial,
                ["removable"] = true,
            });
        }
        catch
        {
            _usb.Unplug(drive);
            if (isOpen && IsRunning) _control!.Execute("blockdev-del", new() { ["node-name"] = drive.Id });
            throw;
        }
        Console.Annotate($"USB drive plugged in: {Path.GetFileName(file)}");
    }

    /// <summary>Pulls out a USB drive, without asking the guest; returns when it is gone.</summary>
    public void DetachUsb(string file)
    {
        var drive = _usb.Find(file) ?? throw new VirtualMachineException($"{file}: is not plugged in");
        if (IsRunning)
        {
            lock (_events) _deletedDevices.Remove(QemuArguments.DeviceOf(drive));
            _control!.Execute("device_del", new() { ["id"] = QemuArguments.DeviceOf(drive) });
            AwaitEvent(() => _deletedDevices.Contains(QemuArguments.DeviceOf(drive)), $"{file}: not pulled out");
            _control.Execute("blockdev-del", new() { ["node-name"] = drive.Id });
        }
        _usb.Unplug(drive);
        Console.Annotate($"USB drive pulled out: {Path.GetFileName(file)}");
    }

    /// <summary>Plugs in a serial adapter (FTDI's, as QEMU makes them) that nobody talks to.</summary>
    /// <param name="name">For <see cref="DetachUsbSerial"/>: a letter, then letters and digits.</param>
    /// <param name="serial">Its serial number.</param>
    public void AttachUsbSerial(string name, string serial)
    {
        var control = Control("plug in a serial adapter");
        control.Execute("chardev-add", new() { ["id"] = $"{name}-wire", ["backend"] = new JsonObject { ["type"] = "null", ["data"] = new JsonObject() } });
        control.Execute("device_add", new()
        {
            ["driver"] = "usb-serial",
            ["bus"] = QemuArguments.UsbBus,
            ["id"] = name,
            ["chardev"] = $"{name}-wire",
            ["serial"] = serial,
            ["always-plugged"] = true,
        });
        Console.Annotate($"serial adapter plugged in: {name}, {serial}");
    }

    /// <summary>Pulls out a serial adapter; returns when it is gone.</summary>
    public void DetachUsbSerial(string name)
    {
        var control = Control("pull out a serial adapter");
        lock (_events) _deletedDevices.Remove(name);
        control.Execute("device_del", new() { ["id"] = name });
        AwaitEvent(() => _deletedDevices.Contains(name), $"{name}: not pulled out");
        control.Execute("chardev-remove", new() { ["id"] = $"{name}-wire" });
        Console.Annotate($"serial adapter pulled out: {name}");
    }

    /// <summary>Kills the machine if it is on, and removes what it wrote.</summary>
    public void Dispose()
    {
        SwitchedOff();
        Console.Dispose();
        _files.Dispose();
    }

    internal string WorkingDirectory => _files.Directory;

    /// <summary>How often the machine was reset since it was switched on, by whomever.</summary>
    internal int ResetCount
    {
        get { lock (_events) return _resets; }
    }

    /// <summary>Where the text of the present boot begins.</summary>
    private long BootStart
    {
        get { lock (_events) return _bootStart; }
    }

    private QmpClient Control(string what) =>
        IsRunning && _control is { } control ? control : throw new VirtualMachineException($"{what}: {WhyOff()}");

    private Socket Listen(string path)
    {
        File.Delete(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw new VirtualMachineException($"{path}: too long for a socket; set TMPDIR to a shorter path", error);
        }
        socket.Listen();
        return socket;
    }

    /// <summary>QEMU connects to us before the guest runs, so that not a byte of the console is missed.</summary>
    private Socket Accept(Socket listener, Deadline deadline, CancellationToken cancellation)
    {
        while (!listener.Poll(AcceptInterval, SelectMode.SelectRead))
        {
            cancellation.ThrowIfCancellationRequested();
            if (_process!.HasExited) throw new VirtualMachineException(WhyOff());
            if (deadline.IsOver) throw new VirtualMachineException($"QEMU did not start within {deadline}: {_process.Output.Trim()}");
        }
        return listener.Accept();
    }

    private void Hear(QmpEvent what)
    {
        lock (_events)
        {
            if (what.Name == "RESET") (_resets, _bootStart) = (_resets + 1, Console.TextEnd);
            if (what.Name == "SHUTDOWN") _shutdown = what.Text("reason");
            if (what.Name == "DEVICE_DELETED" && what.Text("device") is { } device) _deletedDevices.Add(device);
            Monitor.PulseAll(_events);
        }
        if (what.Name == "RESET") Console.Annotate($"reset ({what.Text("reason")})");
        if (what.Name == "WATCHDOG") Console.Annotate("the watchdog fired");
    }

    private void AwaitEvent(Func<bool> hasHappened, string otherwise)
    {
        var deadline = new Deadline(EventLimit * _options.TimeScale);
        lock (_events)
            while (!hasHappened())
            {
                if (deadline.IsOver) throw new VirtualMachineException($"{otherwise} within {deadline}");
                Monitor.Wait(_events, deadline.Left);
            }
    }

    /// <summary>The end of the console is seen a little before the end of the process.</summary>
    private string WhyOff()
    {
        if (_process is not { } process) return "the machine is off";
        if (!process.WaitForExit(ExitGrace * _options.TimeScale)) return "QEMU closed the console";
        if (process.ExitCode == 0)
            lock (_events)
                return _shutdown is "guest-shutdown" or "guest-panic" or null
                    ? "the guest switched the machine off" : $"the machine went off ({_shutdown})";
        return $"QEMU ended with exit code {process.ExitCode}: {process.Output.Trim()}";
    }

    private void SwitchedOff()
    {
        _process?.Kill();
        Console.Detach();
        _control?.Dispose();
        _process?.Dispose();
        (_process, _control) = (null, null);
    }

    [GeneratedRegex("Kernel panic - not syncing.*(?=\n)")]
    private static partial Regex KernelPanic { get; }
}
