using System.Buffers.Binary;
using System.Text;
using Firn.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Firn.Linux.Terminals;

/// <summary>Asks a person for a secret on the terminal, whatever standard input is, and shows nothing of it.</summary>
public static class SecretPrompt
{
    private const string Terminal = "/dev/tty";
    private const int LocalModesOffset = 12;    // c_lflag of struct termios, after three other words
    private const uint Signals = 0x1, Canonical = 0x2, Echo = 0x8;    // ISIG, ICANON, ECHO, <termios.h>
    private const char Interrupt = '\x03', EndOfFile = '\x04', Backspace = '\b', Delete = '\x7f';

    /// <returns>Null if there is no terminal to ask on.</returns>
    /// <exception cref="OperationCanceledException">Ctrl-C instead of an answer.</exception>
    public static string? Ask(string question)
    {
        var descriptor = Libc.Open(Terminal, OpenFlags.ReadWrite | OpenFlags.CloseOnExec, 0);
        if (descriptor < 0) return null;
        using var terminal = new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.ReadWrite, bufferSize: 0);
        var before = new byte[Libc.TerminalSettingsSize];
        SystemCall.Check(Libc.GetTerminal(descriptor, before), "tcgetattr", Terminal);
        var silent = before.ToArray();
        var modes = silent.AsSpan(LocalModesOffset, sizeof(uint));
        // no signals either: one that ends the program would leave the terminal silent
        BinaryPrimitives.WriteUInt32LittleEndian(modes, BinaryPrimitives.ReadUInt32LittleEndian(modes) & ~(Signals | Canonical | Echo));
        SystemCall.Check(Libc.SetTerminal(descriptor, Libc.TerminalNow, silent), "tcsetattr", Terminal);
        try
        {
            terminal.Write(Encoding.UTF8.GetBytes(question));
            return ReadLine(terminal);
        }
        finally
        {
            terminal.Write("\n"u8);
            SystemCall.Check(Libc.SetTerminal(descriptor, Libc.TerminalNow, before), "tcsetattr", Terminal);
        }
    }

    private static string ReadLine(FileStream terminal)
    {
        var line = new List<byte>();
        while (terminal.ReadByte() is var next and >= 0 && (char)next is not ('\n' or '\r' or EndOfFile))
            switch ((char)next)
            {
                case Interrupt: throw new OperationCanceledException();
                case Backspace or Delete: RemoveLast(line); break;
                default: line.Add((byte)next); break;
            }
        return Encoding.UTF8.GetString([.. line]);
    }

    /// <summary>A whole character of UTF-8.</summary>
    private static void RemoveLast(List<byte> line)
    {
        while (line.Count > 0)
        {
            var last = line[^1];
            line.RemoveAt(line.Count - 1);
            if ((last & 0xc0) != 0x80) return;
        }
    }
}
