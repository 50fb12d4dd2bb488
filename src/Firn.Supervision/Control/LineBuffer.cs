namespace Firn.Supervision.Control;

/// <summary>Bytes as they come, lines as they are complete. A line that is too long is dropped whole.</summary>
internal sealed class LineBuffer(int longest)
{
    private readonly List<byte> _line = [];
    private bool _isDropping;

    public void Add(ReadOnlySpan<byte> bytes, Action<ReadOnlyMemory<byte>> complete, Action tooLong)
    {
        foreach (var next in bytes)
            if (next == '\n')
            {
                if (!_isDropping) complete(_line.ToArray());
                _line.Clear();
                _isDropping = false;
            }
            else if (_isDropping) continue;
            else if (_line.Count < longest) _line.Add(next);
            else
            {
                _isDropping = true;
                _line.Clear();
                tooLong();
            }
    }
}
