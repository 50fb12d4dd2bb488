using System.Runtime.InteropServices;
using Firn.Linux.Events;
using Firn.Linux.Interop;

namespace Firn.Linux.Terminals;

/// <summary>A terminal whose other end is this program; pty(7).</summary>
public static class PseudoTerminal
{
    private const nuint Unlock = 0x40045431, GetNumber = 0x80045430, GetSize = 0x5413, SetSize = 0x5414;    // TIOCSPTLCK, TIOCGPTN, TIOCGWINSZ, TIOCSWINSZ

    /// <summary>Our end of a new terminal.</summary>
    public static Descriptor Open()
    {
        const string path = "/dev/ptmx";
        var master = new Descriptor(SystemCall.Check(
            Libc.Open(path, OpenFlags.ReadWrite | OpenFlags.NonBlocking | OpenFlags.CloseOnExec | OpenFlags.NoTerminal, 0), "open", path));
        var locked = 0;
        SystemCall.Check(Libc.Ioctl(master.Number, Unlock, ref locked), "unlock", path);
        return master;
    }

    /// <summary>Where the other end is opened; the first to open it without a terminal of its own gets it as its terminal.</summary>
    public static string PathOf(Descriptor master)
    {
        var number = 0;
        SystemCall.Check(Libc.Ioctl(master.Number, GetNumber, ref number), "number of", master.Path);
        return $"/dev/pts/{number}";
    }

    /// <summary>Of any terminal; null for what is none.</summary>
    public static (ushort Rows, ushort Columns)? SizeOf(Descriptor terminal)
    {
        Span<ushort> size = stackalloc ushort[4];
        return Libc.Ioctl(terminal.Number, GetSize, MemoryMarshal.AsBytes(size)) == 0 ? (size[0], size[1]) : null;
    }

    public static void Resize(Descriptor master, ushort rows, ushort columns)
    {
        Span<ushort> size = [rows, columns, 0, 0];    // struct winsize
        _ = Libc.Ioctl(master.Number, SetSize, MemoryMarshal.AsBytes(size));
    }
}
