using System.CommandLine;
using Firn.Linux.Events;
using Firn.Linux.Terminals;
using Firn.Supervision.Control;

namespace Firn.Cli.Commands.Pm;

internal static class PmAttachCommand
{
    private const byte Detach = 0x1d;    // Ctrl-]

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
            using var settings = new TerminalSettings();
            settings.MakeRaw();
            var input = new Thread(() => Copy(socket)) { IsBackground = true };
            input.Start();
            using var output = Console.OpenStandardOutput();
            var buffer = new byte[4096];
            while (socket.Read(buffer) is > 0 and var count)
            {
                output.Write(buffer, 0, count);
                output.Flush();
            }
            return 0;
        });
        return command;
    }

    private static void Copy(Descriptor socket)
    {
        using var input = Console.OpenStandardInput();
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
