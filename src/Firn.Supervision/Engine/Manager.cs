using System.Runtime.InteropServices;
using Firn.Linux.Events;
using Firn.Linux.Files;
using Firn.Linux.Processes;
using Firn.Linux.Sockets;
using Firn.Supervision.Control;
using Firn.Supervision.Holding;
using Firn.Supervision.Homes;
using Firn.Supervision.Units;

namespace Firn.Supervision.Engine;

/// <summary>The manager as a process: started by its holder, and started again by it whenever it dies.</summary>
public static class Manager
{
    /// <summary>Where the manager of this manager, if it has one, wants to hear that it is ready.</summary>
    public const string ParentNotify = "PM_PARENT_NOTIFY";

    private const int IsLocked = 75;

    /// <param name="arguments">Home, file of commands, number of units that start at once, group that may command, whether the machine ends with it; each may be empty.</param>
    public static int Run(IReadOnlyList<string> arguments)
    {
        var home = new PmHome(arguments[0]);
        var orders = Descriptor.Inherit(Holder.ManagerOrders);
        var store = new DescriptorStore(new DescriptorQueue(Descriptor.Inherit(Holder.StoreSending), Descriptor.Inherit(Holder.StoreReceiving)));
        var isFirst = store.Names.Count == 0;
        try
        {
            home.Prepare();
            using var exclusive = TakeLock(home);
            if (exclusive is null)
            {
                Console.Error.WriteLine($"pm: {home.Path}: another manager is at work there");
                return Leave(orders, IsLocked);
            }
            var options = new SupervisorOptions(home, store, CurrentProcess.Parent, orders, arguments[1])
            {
                MaxParallel = int.TryParse(arguments[2], out var parallel) ? parallel : 0,
                Kind = Environment.GetEnvironmentVariable(ManagerKind.Variable) is { } kind && ManagerKind.IsKnown(kind) ? kind
                    : CurrentProcess.User == 0 ? ManagerKind.Root : ManagerKind.User,
                IsFirst = arguments.Count > 4 && arguments[4].Length > 0,
                AllowGroup = uint.TryParse(arguments[3], out var group) ? group : null,
            };
            return Run(options, () => isFirst = false);
        }
        catch (IOException problem)
        {
            Console.Error.WriteLine($"pm: {problem.Message}");
            // with services already there it is tried again: they must not be left alone
            return isFirst ? Leave(orders, 1) : 1;
        }
    }

    /// <summary>Works for a home until told to end.</summary>
    /// <param name="isReady">Hears that units are being started.</param>
    public static int Run(SupervisorOptions options, Action isReady)
    {
        CurrentProcess.BecomeSubreaper();
        DescriptorLimit.Raise();    // two for each unit
        var supervisor = new Supervisor(options);
        var commands = new ControlCommands(supervisor);
        var server = new ControlServer(supervisor, commands);
        supervisor.Readiness.Listen();
        supervisor.Processes.Watch();
        server.Listen();    // whoever asks while units are being started waits for the answer
        isReady();
        new Recovery(supervisor).Run();
        supervisor.Logs.Start();
        if (options.InitStream.Length > 0) server.ReadStream(options.InitStream);
        using var terminate = On(PosixSignal.SIGTERM, () => Shutdown(supervisor));
        using var interrupt = On(PosixSignal.SIGINT, () => Shutdown(supervisor));
        using var hangUp = On(PosixSignal.SIGHUP, () => { });
        if (Environment.GetEnvironmentVariable(ParentNotify) is { Length: > 0 } parent) UnixSocket.SendTo(parent, "READY=1");
        return supervisor.Run();

        PosixSignalRegistration On(PosixSignal signal, Action act) => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            supervisor.Loop.Post(act);
        });
    }

    private static void Shutdown(Supervisor supervisor) => supervisor.StopAll(() =>
    {
        if (supervisor.Options.IsFirst) supervisor.Options.Orders?.Write(System.Text.Encoding.ASCII.GetBytes($"power {Holder.PowerOff}\n"));
        supervisor.Options.Orders?.Write("exit 0\n"u8);
        supervisor.End(0);
    });

    private static int Leave(Descriptor orders, int code)
    {
        orders.Write(System.Text.Encoding.ASCII.GetBytes(Holder.Exit(code) + "\n"));
        return code;
    }

    /// <summary>One that has lost its holder gives way.</summary>
    private static FileLock? TakeLock(PmHome home)
    {
        if (FileLock.TryTake(home.Lock) is { } free) return free;
        try
        {
            if (ControlClient.Ask(home, new("yield", [], []), _ => { }).Exit != 0) return null;
        }
        catch (IOException)
        {
            // it is about to end, or to begin
        }
        for (var i = 0; i < 40; i++, Thread.Sleep(50))
            if (FileLock.TryTake(home.Lock) is { } freed) return freed;
        return null;
    }
}
