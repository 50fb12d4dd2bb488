using System.Collections.Immutable;
using System.Text;

namespace Firn.Images.VirtualMachines;

/// <summary>
/// The lines that make a POSIX shell at the other end of a terminal run a command and tell its exit code and output
/// so that they can be told apart from everything else on that terminal.
/// </summary>
/// <remarks>
/// The output goes to a file first and is shown between two marks, the second with a digest: kernel messages that fell
/// into it show, and it can be shown again. A mark is typed as <c>@''NONCE</c> and printed as <c>@NONCE</c>, so that
/// the echo of what was typed, wherever it is wrapped, never looks like one. The command's input is empty: what is
/// typed meanwhile is for the shell.
/// </remarks>
internal static class ShellCommand
{
    /// <summary>A terminal takes 4095 bytes in a line, the editor of BusyBox 1023.</summary>
    private const int LineLimit = 900;
    private const int ChunkLimit = 500;
    private const int MessageLimit = 120;

    /// <summary>A command in a message: its beginning is enough to know it by.</summary>
    public static string Shorten(string command)
    {
        var line = command.Split('\n')[0];
        return line.Length > MessageLimit ? $"{line[..MessageLimit]}…" : line.Length < command.Length ? $"{line} …" : line;
    }

    /// <summary>Prints the mark and nothing else: is there a shell?</summary>
    public static string Knock(string nonce) => $"echo @''{nonce}";

    /// <summary>The lines to type, one after the other; the shell prints <c>@NONCE</c> after each but the last.</summary>
    public static ImmutableArray<string> Lines(string command, string nonce)
    {
        var line = Run($"sh -c {Quote(command)}", nonce);
        if (line.Length <= LineLimit && command.All(character => character is >= ' ' and <= '~')) return [line];
        return
        [
            // the x keeps the line feeds that $(…) would cut off
            .. Chunks(command).Select((chunk, index) => $"C={(index > 0 ? "$C" : "")}$(printf '{chunk}x');C=${{C%x}};{Knock(nonce)}"),
            Run("sh -c \"$C\"", nonce),
        ];
    }

    /// <summary>Shows the last command's output once more.</summary>
    public static string Repeat(string nonce) => $"echo @''{nonce}:b;cat $F;echo @''{nonce}:e:$R:$(md5sum <$F)";

    /// <summary>/tmp may be read-only where a shell is a last resort; /dev then is not.</summary>
    private static string Run(string command, string nonce) =>
        $"F=/tmp/.firn-run;true 2>/dev/null >$F||F=/dev/.firn-run;{command} </dev/null >$F 2>&1;R=$?;{Repeat(nonce)}";

    private static string Quote(string text) => $"'{text.Replace("'", @"'\''")}'";

    /// <summary>The command as formats for printf(1), which have no byte that a terminal or a shell would act upon.</summary>
    private static IEnumerable<string> Chunks(string command)
    {
        var chunk = new StringBuilder();
        foreach (var value in Encoding.UTF8.GetBytes(command))
        {
            if (chunk.Length > ChunkLimit)
            {
                yield return chunk.ToString();
                chunk.Clear();
            }
            if (value is >= (byte)' ' and <= (byte)'~' and not ((byte)'\'' or (byte)'\\' or (byte)'%'))
                chunk.Append((char)value);
            else
                chunk.Append('\\').Append(Convert.ToString(value, 8).PadLeft(3, '0'));
        }
        yield return chunk.ToString();
    }
}
