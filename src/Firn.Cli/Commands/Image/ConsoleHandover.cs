using System.Text;
using Firn.Images.VirtualMachines;
using Firn.Linux.Terminals;

namespace Firn.Cli.Commands.Image;

/// <summary>
/// Gives a machine's console to the terminal, with the keys that QEMU has there: Ctrl-A x ends it, Ctrl-A Ctrl-A is a Ctrl-A.
/// It ends with the input, too, and when the machine goes off.
/// </summary>
internal static class ConsoleHandover
{
    private const char Prefix = (char)1, Quit = 'x';

    public static void Run(VirtualMachine machine, CancellationToken cancellation)
    {
        Console.Error.WriteLine("\nthe machine stays on, and this is its console; Ctrl-A x ends it");
        using var terminal = new TerminalSettings();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var output = Console.OpenStandardOutput();
        terminal.MakeRaw();
        new Thread(() => SendKeys(machine.Console, end)) { IsBackground = true, Name = "keys" }.Start();
        machine.Console.SendLine("");    // brings a prompt back that scrolled away
        machine.Console.CopyTo(output, end.Token);
    }

    private static void SendKeys(SerialConsole console, CancellationTokenSource end)
    {
        using var input = Console.OpenStandardInput();
        var (bytes, characters, decoder) = (new byte[1024], new char[1024], Encoding.UTF8.GetDecoder());
        var isPrefixed = false;
        try
        {
            while (input.Read(bytes) is > 0 and var count)
            {
                var keys = new StringBuilder();
                foreach (var key in characters.AsSpan(0, decoder.GetChars(bytes, 0, count, characters, 0)))
                {
                    if (isPrefixed && key == Quit) return;
                    if (isPrefixed || key != Prefix) keys.Append(key);
                    isPrefixed = !isPrefixed && key == Prefix;
                }
                if (keys.Length > 0) console.Send(keys.ToString());
            }
        }
        catch (VirtualMachineException)
        {
            // The machine went off, which the other side sees.
        }
        finally
        {
            TryEnd(end);
        }
    }

    private static void TryEnd(CancellationTokenSource end)
    {
        try
        {
            end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The machine went off first.
        }
    }
}
