using System.Buffers.Binary;
using System.Numerics;

namespace Firn.Images.Deltas;

/// <summary>A part of a new content and the part of an old one that is much like it, byte for byte.</summary>
internal readonly record struct Likeness(int Start, int OldStart, int Length);

/// <summary>
/// Finds for parts of new contents the parts of an old one that differ from them in few bytes, after Colin Percival's "Naive
/// differences of executable code" (2003): from exact matches outwards while more bytes are alike than not. Exact matches are
/// found by a table of all places of eight bytes.
/// </summary>
internal sealed class BinaryDiff
{
    private const int Seed = sizeof(ulong);
    private const int MostCandidates = 32;
    private const int LongEnough = 512;

    /// <summary>By how much a match elsewhere must be better than going on where we are.</summary>
    private const int WorthAStep = 8;

    private readonly byte[] _old;
    private readonly int[] _first, _next;
    private readonly int _shift;

    public BinaryDiff(byte[] old)
    {
        _old = old;
        var bits = Math.Clamp(BitOperations.Log2((uint)old.Length | 1) + 1, 8, 26);
        _shift = 64 - bits;
        _first = new int[1 << bits];
        _next = new int[Math.Max(1, old.Length)];
        // numbers are one more than places, so that 0 is none; the first place of a chain is the lowest
        for (var place = old.Length - Seed; place >= 0; place--)
        {
            var slot = Slot(old.AsSpan(place));
            _next[place] = _first[slot];
            _first[slot] = place + 1;
        }
    }

    /// <summary>In order, without overlaps.</summary>
    public List<Likeness> Find(ReadOnlySpan<byte> content)
    {
        var found = new List<Likeness>();
        var (start, oldStart) = (0, 0);    // where we are, on the way that began there
        for (var at = 0; at < content.Length;)
        {
            var shift = oldStart - start;
            var same = Same(content[at..], at + shift);
            if (same >= Seed)
            {
                at += same;
                continue;
            }
            var (place, length) = Longest(content[at..], at + shift);
            if (length < Seed || length <= Alike(content.Slice(at, length), at + shift) + WorthAStep)
            {
                at += Math.Max(1, same);
                continue;
            }
            End(found, content, start, oldStart, at, place, out start, out oldStart);
            at += length;
        }
        var last = Forward(content[start..], oldStart);
        if (last > 0) found.Add(new(start, oldStart, last));
        return found;
    }

    /// <summary>Ends the way we are on, at most where the match begins, and begins the match, at the earliest where that ends.</summary>
    private void End(List<Likeness> found, ReadOnlySpan<byte> content, int start, int oldStart, int at, int place, out int newStart, out int newOldStart)
    {
        var forward = Forward(content[start..at], oldStart);
        var backward = Backward(content[start..at], place);
        if (forward + backward > at - start) (forward, backward) = Share(content[start..at], oldStart, place, forward, backward);
        if (forward > 0) found.Add(new(start, oldStart, forward));
        (newStart, newOldStart) = (at - backward, place - backward);
    }

    private int Forward(ReadOnlySpan<byte> content, int oldStart)
    {
        var (score, best, bestLength) = (0, 0, 0);
        var length = Math.Min(content.Length, _old.Length - oldStart);
        for (var i = 0; i < length; i++)
        {
            score += content[i] == _old[oldStart + i] ? 1 : -1;
            if (score > best) (best, bestLength) = (score, i + 1);
        }
        return bestLength;
    }

    private int Backward(ReadOnlySpan<byte> content, int oldEnd)
    {
        var (score, best, bestLength) = (0, 0, 0);
        var length = Math.Min(content.Length, oldEnd);
        for (var i = 1; i <= length; i++)
        {
            score += content[^i] == _old[oldEnd - i] ? 1 : -1;
            if (score > best) (best, bestLength) = (score, i);
        }
        return bestLength;
    }

    /// <summary>Where both ways claim the same bytes each gets those of which it has more.</summary>
    private (int Forward, int Backward) Share(ReadOnlySpan<byte> content, int oldStart, int oldEnd, int forward, int backward)
    {
        var overlap = forward + backward - content.Length;
        var first = content.Length - backward;
        var (score, best, bestLength) = (0, 0, 0);
        for (var i = 0; i < overlap; i++)
        {
            if (content[first + i] == _old[oldStart + first + i]) score++;
            if (content[first + i] == _old[oldEnd - backward + i]) score--;
            if (score > best) (best, bestLength) = (score, i + 1);
        }
        return (first + bestLength, backward - bestLength);
    }

    private (int Place, int Length) Longest(ReadOnlySpan<byte> content, int expected)
    {
        if (content.Length < Seed) return default;
        var (place, length) = (0, 0);
        var candidates = 0;
        for (var number = _first[Slot(content)]; number > 0 && candidates < MostCandidates; number = _next[number - 1], candidates++)
        {
            var same = Same(content, number - 1);
            // of equally long ones the nearest: its place takes fewer bytes
            if (same > length || same == length && Math.Abs(number - 1 - expected) < Math.Abs(place - expected)) (place, length) = (number - 1, same);
            if (length >= LongEnough) break;
        }
        return (place, length);
    }

    private int Same(ReadOnlySpan<byte> content, int place) =>
        place < 0 || place >= _old.Length ? 0 : content.CommonPrefixLength(_old.AsSpan(place));

    private int Alike(ReadOnlySpan<byte> content, int place)
    {
        if (place < 0 || place >= _old.Length) return 0;
        var alike = 0;
        var old = _old.AsSpan(place, Math.Min(content.Length, _old.Length - place));
        for (var i = 0; i < old.Length; i++)
            if (content[i] == old[i]) alike++;
        return alike;
    }

    private int Slot(ReadOnlySpan<byte> bytes) =>
        (int)(BinaryPrimitives.ReadUInt64LittleEndian(bytes) * 0x9e3779b97f4a7c15 >> _shift);
}
