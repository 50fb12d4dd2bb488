using System.Text;

namespace Firn.Images.VirtualMachines;

/// <summary>
/// What a console showed, as plain text to search in: bytes become UTF-8 text without control sequences (ECMA-48), and
/// every way to begin a new line is one line feed. Positions count from the first character ever; old text is dropped.
/// </summary>
internal sealed class ConsoleText(int capacity = ConsoleText.DefaultCapacity)
{
    private const int DefaultCapacity = 16 << 20;

    private enum State { Text, Escape, ControlSequence, ControlString, ControlStringEscape, Designation }

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private char[] _text = new char[4096];
    private int _length;
    private long _dropped;
    private State _state;
    private bool _afterReturn;

    /// <summary>The position of the next character.</summary>
    public long End => _dropped + _length;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        var characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        var count = _decoder.GetChars(bytes, characters, flush: false);
        foreach (var character in characters.AsSpan(0, count)) Take(character);
    }

    /// <summary>The text from a position on, or from the oldest that is still there.</summary>
    public string From(long position) => new(_text.AsSpan((int)Math.Clamp(position - _dropped, 0, _length).._length));

    public string LastLines(int count)
    {
        var text = _text.AsSpan(0, _length).TrimEnd();
        var start = text.Length;
        for (var line = 0; line < count && start >= 0; line++) start = text[..start].LastIndexOf('\n');
        return new(text[(start + 1)..]);
    }

    private void Take(char character)
    {
        switch (_state)
        {
            case State.Escape:
                _state = character switch
                {
                    '[' => State.ControlSequence,
                    ']' or 'P' or 'X' or '^' or '_' => State.ControlString,
                    >= ' ' and <= '/' => State.Designation,
                    _ => State.Text,
                };
                break;
            case State.Designation:
                _state = State.Text;
                break;
            case State.ControlSequence when character is >= '@' and <= '~':
                // Who moves to another place begins a new text there, as menus do.
                if (character is 'H' or 'f') BeginLine();
                _state = State.Text;
                break;
            case State.ControlSequence when character >= ' ':
                break;
            case State.ControlString when character is not ('\n' or '\a' or '\e'):
                break;
            case State.ControlString when character == '\e':
                _state = State.ControlStringEscape;
                break;
            case State.ControlString when character == '\a':
                _state = State.Text;
                break;
            case State.ControlStringEscape when character == '\\':
                _state = State.Text;
                break;
            default:
                _state = State.Text;
                TakeText(character);
                break;
        }
    }

    private void TakeText(char character)
    {
        if (_afterReturn && character is not ('\r' or '\n'))
        {
            _afterReturn = false;
            BeginLine();
        }
        switch (character)
        {
            case '\e':
                _state = State.Escape;
                break;
            case '\r':
                _afterReturn = true;
                break;
            case '\n':
                _afterReturn = false;
                Add(character);
                break;
            case '\t' or >= ' ' and not '\x7f':
                Add(character);
                break;
        }
    }

    private void BeginLine()
    {
        if (_length > 0 && _text[_length - 1] != '\n') Add('\n');
    }

    private void Add(char character)
    {
        if (_length == capacity)
        {
            var kept = capacity / 2;
            _text.AsSpan(_length - kept, kept).CopyTo(_text);
            _dropped += _length - kept;
            _length = kept;
        }
        if (_length == _text.Length) Array.Resize(ref _text, Math.Min(capacity, 2 * _text.Length));
        _text[_length++] = character;
    }
}
