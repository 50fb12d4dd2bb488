using Firn.Formats.Payloads;

namespace Firn.Images.Deltas;

/// <summary>Bytes of a reference that lie in a row in the old image.</summary>
internal readonly record struct ReferenceSpan(int Start, long Place, int Length)
{
    public int End => Start + Length;
}

/// <summary>Old bytes that something new is compared with.</summary>
internal sealed class Reference
{
    private readonly byte[] _bytes;
    private readonly List<ReferenceSpan> _spans = [];

    public Reference(byte[] bytes, IEnumerable<ReferenceSpan> spans)
    {
        _bytes = bytes;
        foreach (var span in spans)
        {
            if (_spans.Count > 0 && _spans[^1] is var last && last.End == span.Start && last.Place + last.Length == span.Place)
                _spans[^1] = last with { Length = last.Length + span.Length };
            else _spans.Add(span);
        }
    }

    public byte[] Bytes => _bytes;

    /// <summary>Where a part is, if it lies in a row.</summary>
    public long? PlaceOf(int start, int length)
    {
        var number = FirstSpan(start);
        return number < _spans.Count && _spans[number] is var span && span.Start <= start && start + length <= span.End
            ? span.Place + start - span.Start
            : null;
    }

    /// <summary>What of a content is like this, as a device can find it.</summary>
    public List<PatchMatch> Match(ReadOnlySpan<byte> content)
    {
        var matches = new List<PatchMatch>();
        if (_bytes.Length == 0) return matches;
        foreach (var likeness in new BinaryDiff(_bytes).Find(content)) AddPlaces(matches, likeness);
        return matches;
    }

    private void AddPlaces(List<PatchMatch> matches, Likeness likeness)
    {
        var (start, end) = (likeness.OldStart, likeness.OldStart + likeness.Length);
        for (var i = FirstSpan(start); i < _spans.Count && _spans[i].Start < end; i++)
        {
            var (from, to) = (Math.Max(start, _spans[i].Start), Math.Min(end, _spans[i].End));
            if (from < to)
                matches.Add(new(likeness.Start + from - start, _spans[i].Place + from - _spans[i].Start, _bytes.AsMemory(from, to - from)));
        }
    }

    /// <summary>The first that ends behind a byte.</summary>
    private int FirstSpan(int start)
    {
        var (low, high) = (0, _spans.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_spans[middle].End <= start) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
