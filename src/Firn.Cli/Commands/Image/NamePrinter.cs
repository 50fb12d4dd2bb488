using System.Globalization;
using System.Text;
using Firn.Formats.Trees;
using Firn.Images.RootImages;

namespace Firn.Cli.Commands.Image;

/// <summary>
/// Prints names, one a line. Numbers are put together by hand: a listing is over before the general way to format them
/// has been compiled.
/// </summary>
internal sealed class NamePrinter(TextWriter output)
{
    private const int BufferedCharacters = 1 << 16;    // a console is flushed at each write
    private const int SizeWidth = 10;

    private readonly StringBuilder _text = new(BufferedCharacters + 1024);

    /// <summary>All names of an image, each when it is read.</summary>
    /// <exception cref="InvalidDataException">The image is damaged; told with its path.</exception>
    public static void Print(SquashImage image, bool isLong, TextWriter output)
    {
        var printer = new NamePrinter(output);
        image.ReadNames(isLong, (path, inode) =>
        {
            if (inode is not null) printer.AddDescription(inode);
            printer.AddPath(path);
            printer.EndLine(inode);
        });
        printer.Flush();
    }

    /// <param name="path">Without a slash before it.</param>
    /// <param name="node">Null for the path alone.</param>
    public void Add(string path, FileNode? node)
    {
        if (node is not null) AddDescription(node);
        _text.Append('/').Append(path);
        EndLine(node);
    }

    public void Flush()
    {
        output.Write(_text);
        _text.Clear();
    }

    private void AddPath(ReadOnlySpan<byte> path)
    {
        _text.Append('/');
        foreach (var letter in path)
            if (letter is < (byte)' ' or > (byte)'~')
            {
                _text.Append(new ByteString(path).ToString());
                return;
            }
        Span<char> letters = stackalloc char[256];
        for (; !path.IsEmpty; path = path[Math.Min(path.Length, letters.Length)..])
            _text.Append(letters[..Encoding.ASCII.GetChars(path[..Math.Min(path.Length, letters.Length)], letters)]);
    }

    private void EndLine(FileNode? node)
    {
        if (node?.Kind == FileKind.Symlink) _text.Append(" -> ").Append(node.LinkTarget.ToString());
        _text.Append('\n');
        if (_text.Length >= BufferedCharacters) Flush();
    }

    // As ls -ln has it: mode, owner and group, size or device, time (UTC).
    private void AddDescription(FileNode node)
    {
        AddMode(node);
        var size = node.Kind switch
        {
            FileKind.File => Digits(node.Content.SizeBytes),
            FileKind.BlockDevice or FileKind.CharacterDevice => Digits(node.Device.Major) + "," + Digits(node.Device.Minor),
            _ => "0",
        };
        _text.Append(' ').Append(Digits(node.Uid)).Append('/').Append(Digits(node.Gid)).Append(' ');
        _text.Append(' ', Math.Max(0, SizeWidth - size.Length)).Append(size).Append(' ');
        var time = DateTime.UnixEpoch.AddSeconds(node.ModifiedSeconds);
        AddTwo(time.Year / 100);
        AddTwo(time.Year % 100);
        _text.Append('-');
        AddTwo(time.Month);
        _text.Append('-');
        AddTwo(time.Day);
        _text.Append(' ');
        AddTwo(time.Hour);
        _text.Append(':');
        AddTwo(time.Minute);
        _text.Append(' ');
    }

    private static string Digits(long number) => number.ToString(CultureInfo.InvariantCulture);

    private void AddTwo(int number) => _text.Append((char)('0' + number / 10)).Append((char)('0' + number % 10));

    private void AddMode(FileNode node)
    {
        _text.Append("-dlcbps"[(int)node.Kind]);
        for (var shift = 6; shift >= 0; shift -= 3)
        {
            var isSpecial = (node.Mode >> (9 + shift / 3) & 1) != 0;
            var canExecute = (node.Mode >> shift & 1) != 0;
            var letter = shift == 0 ? 't' : 's';
            _text.Append((node.Mode >> shift & 4) != 0 ? 'r' : '-').Append((node.Mode >> shift & 2) != 0 ? 'w' : '-');
            _text.Append(isSpecial ? canExecute ? letter : char.ToUpperInvariant(letter) : canExecute ? 'x' : '-');
        }
    }
}
