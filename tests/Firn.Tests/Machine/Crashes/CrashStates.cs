namespace Firn.Tests.Machine.Crashes;

/// <summary>
/// What a medium can hold after a power cut: all that was flushed, and of the rest any part, in any order: sectors of 512 bytes
/// are old, new, or neither. A flush counts for its own partition only: what the kernel holds of another one it does not write.
/// </summary>
/// <param name="before">The disk before the first operation.</param>
/// <param name="operations">Writes and flushes, in order.</param>
internal sealed class CrashStates(byte[] before, IReadOnlyList<DiskOperation> operations)
{
    public const int SectorBytes = 512;

    private const int AllOfThree = 7, AllOfTwo = 10;    // sectors of which every combination is visited
    private static readonly byte[] Garbage = [.. Enumerable.Repeat((byte)0xa5, SectorBytes)];

    private readonly byte[] _disk = [.. before];
    private readonly HashSet<ulong> _seen = [];
    private readonly Dictionary<(int Offset, int Operation), ulong> _names = [];
    private readonly Random _random = new(1);
    private List<Pending> _pending = [];
    private ulong _durable;

    private sealed record Pending(int Operation, string Partition, int Offset, ReadOnlyMemory<byte> Bytes);

    private enum Fate : byte { Old, New, Neither }

    /// <summary>States that differ from each other.</summary>
    public int Count => _seen.Count;

    /// <param name="samples">For each point in time at which there are too many combinations to visit all.</param>
    /// <param name="check">Given the number of operations that were begun, the disk, and the partitions that are not as flushed.</param>
    public void Visit(int samples, Action<int, byte[], IReadOnlyCollection<string>> check)
    {
        for (var point = 0; ; point++)
        {
            foreach (var fates in Combinations(samples)) Visit(point, fates, check);
            if (point == operations.Count) return;
            Advance(point, operations[point]);
        }
    }

    private void Advance(int number, DiskOperation operation)
    {
        if (operation.Bytes is { } bytes)
        {
            // the last sector of an image may be written in part: the kernel fills it up with what is there
            Assert.Equal(0, operation.Offset % SectorBytes);
            for (var at = 0; at < bytes.Length; at += SectorBytes)
                Add(new(number, operation.Partition, (int)operation.Offset + at, bytes.AsMemory(at, Math.Min(SectorBytes, bytes.Length - at))));
            return;
        }
        foreach (var write in _pending.Where(write => write.Partition == operation.Partition))
        {
            write.Bytes.Span.CopyTo(_disk.AsSpan(write.Offset));
            _durable ^= Name(write.Offset, write.Operation);
        }
        _pending = [.. _pending.Where(write => write.Partition != operation.Partition)];
    }

    /// <summary>A sector that does not change is no state of its own.</summary>
    private void Add(Pending write)
    {
        if (_pending.Any(earlier => earlier.Offset == write.Offset) || !_disk.AsSpan(write.Offset, write.Bytes.Length).SequenceEqual(write.Bytes.Span))
            _pending.Add(write);
    }

    private IEnumerable<Fate[]> Combinations(int samples)
    {
        var count = _pending.Count;
        if (count <= AllOfThree) return All(count, 3);
        return (count <= AllOfTwo ? All(count, 2) : []).Concat(Enumerable.Range(0, samples).Select(sample => Sample(sample, count)));
    }

    private static IEnumerable<Fate[]> All(int count, int fates)
    {
        for (var number = 0; number < (int)Math.Pow(fates, count); number++)
        {
            var combination = new Fate[count];
            for (int i = 0, rest = number; i < count; i++, rest /= fates) combination[i] = (Fate)(rest % fates);
            yield return combination;
        }
    }

    private Fate[] Sample(int sample, int count)
    {
        var one = _random.Next(count);
        var share = _random.NextDouble();
        return (sample % 6) switch
        {
            0 => Make(i => i < one),                                            // in order, up to somewhere
            1 => Make(i => i != one),                                           // one is late
            2 => Make(i => i == one),                                           // one is early
            3 => Make(i => i >= one),                                           // the last first
            4 => Make(_ => _random.NextDouble() < share),
            _ => [.. Enumerable.Range(0, count).Select(_ => (Fate)_random.Next(3))],
        };

        Fate[] Make(Func<int, bool> isNew) => [.. Enumerable.Range(0, count).Select(i => isNew(i) ? Fate.New : Fate.Old)];
    }

    private void Visit(int point, Fate[] fates, Action<int, byte[], IReadOnlyCollection<string>> check)
    {
        var state = _durable;
        for (var i = 0; i < fates.Length; i++)
            if (fates[i] != Fate.Old) state ^= Name(_pending[i].Offset, fates[i] == Fate.New ? _pending[i].Operation : -_pending[i].Operation - 1);
        if (!_seen.Add(state)) return;

        var undo = new List<(int Offset, byte[] Bytes)>();
        var touched = new HashSet<string>();
        for (var i = 0; i < fates.Length; i++)
        {
            if (fates[i] == Fate.Old) continue;
            var sector = _disk.AsSpan(_pending[i].Offset, _pending[i].Bytes.Length);
            undo.Add((_pending[i].Offset, sector.ToArray()));
            touched.Add(_pending[i].Partition);
            (fates[i] == Fate.New ? _pending[i].Bytes.Span : Garbage.AsSpan(0, sector.Length)).CopyTo(sector);
        }
        check(point, _disk, touched);
        for (var i = undo.Count - 1; i >= 0; i--) undo[i].Bytes.CopyTo(_disk, undo[i].Offset);
    }

    /// <summary>A random number for each thing a sector can hold: their sum names a state.</summary>
    private ulong Name(int offset, int operation)
    {
        if (_names.TryGetValue((offset, operation), out var name)) return name;
        return _names[(offset, operation)] = (ulong)_random.NextInt64() << 1 | (uint)_random.Next(2);
    }
}
