using System.CommandLine;
using System.Runtime.InteropServices;
using Firn.Linux.Events;
using Firn.Linux.Terminals;
using Firn.Supervision.Control;
using Firn.Supervision.Homes;

namespace Firn.Cli.Commands.Pm;

internal static class PmAttachCommand
{
    private const byte Detach = 0x1d;    // Ctrl-]
    private const PosixSignal WindowChanged = (PosixSignal)28;    // SIGWINCH

    public static Command Create()
    {
        var unit = new Argument<string>("unit") { Description = "A unit with a terminal (tty: true)" };
        var home = PmCommands.Home();
        var command = new Command("attach", "Join this terminal with that of a unit; Ctrl-] leaves it") { unit, home };
        command.SetAction(parsed =>
        {
            if (new PmManagers(parsed.GetValue(home)).Find(parsed.GetValue(unit)!, ["attach"], hasTerminal: true, out var exit) is not var (target, name)) return exit;
            using var socket = ControlClient.Open(target.Home);
            var result = ControlClient.Ask(socket, new("attach", [name], []), _ => { });
            if (result.Exit != 0) return result.Finish(parsed.InvocationConfiguration.Error);
            using var input = Descriptor.Inherit(0);
            using var output = Descriptor.Inherit(1);
            using var settings = new TerminalSettings();
            settings.MakeRaw();
            TellSize(input, target.Home, name);
            using var resized = PosixSignalRegistration.Create(WindowChanged, _ => TellSize(input, target.Home, name));
            new Thread(() => Copy(input, socket)) { IsBackground = true }.Start();
            var buffer = new byte[4096];
            while (socket.Read(buffer) is > 0 and var count)
                for (var rest = buffer.AsSpan(0, count); rest.Length > 0;)
                    if (output.Write(rest) is > 0 and var written) rest = rest[written..];
                    else return 0;    // nobody looks any more
            return 0;
        });
        return command;
    }

    /// <summary>The unit's terminal gets the size of this one.</summary>
    private static void TellSize(Descriptor terminal, PmHome home, string unit)
    {
        if (PseudoTerminal.SizeOf(terminal) is not var (rows, columns)) return;
        try
        {
            ControlClient.Ask(home, new("resize", [unit], [$"rows={rows}", $"columns={columns}"]), _ => { });
        }
        catch (IOException)
        {
            // the connection ends with the manager, too
        }
    }

    // not by Console: it reads whole lines, shows what is typed, and makes the terminal what it was
    private static void Copy(Descriptor input, Descriptor socket)
    {
        var buffer = new byte[256];
        while (input.Read(buffer) is > 0 and var count)
        {
            var leaves = buffer.AsSpan(0, count).IndexOf(Detach);
            socket.Send(buffer.AsSpan(0, leaves < 0 ? count : leaves));
            if (leaves >= 0) break;
        }
        socket.ShutDown();
    }
}
