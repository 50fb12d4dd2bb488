using System.Collections.Concurrent;
using Firn.Formats.Payloads;
using Firn.Formats.SquashFs;
using Firn.Linux.Compression;

namespace Firn.Images.Deltas;

/// <summary>A content that is patched unpacked.</summary>
/// <param name="Start">Among the contents of all new blocks.</param>
/// <param name="PackedBytes">There.</param>
internal sealed record Repacked(
    long Start, int PackedBytes, ulong Method, byte[] Content, IReadOnlyList<(long Place, int Bytes)> References, List<PatchMatch> Matches)
{
    public long End => Start + PackedBytes;
}

/// <summary>Compares the contents of new blocks with the old image, file by file.</summary>
internal sealed class Comparison(PackBuilder pack, IReadOnlyList<NewBlock> blocks)
{
    private List<PatchMatch> _matches = [];
    private List<Repacked> _repacked = [];

    public void Run(ParallelOptions options, Meter meter)
    {
        var oldFiles = pack.ReadOldFiles();
        var matches = new ConcurrentBag<List<PatchMatch>>();
        var repacked = new ConcurrentBag<Repacked>();
        var files = blocks.SelectMany(block => block.Pieces.Select(piece => (Block: block, Piece: piece)))
            .GroupBy(entry => entry.Piece.Content).Select(group => group.ToArray())
            .OrderByDescending(parts => parts.Sum(part => (long)part.Piece.Length)).ToArray();
        var tables = Task.Run(() => CompareTables(meter));
        Parallel.ForEach(Partitioner.Create(files, EnumerablePartitionerOptions.NoBuffering), options, parts =>
        {
            var file = parts[0].Piece;
            if (oldFiles.MostLike(file.Path, file.Content.SizeBytes) is { } old)
            {
                var reference = oldFiles.Read(old);
                foreach (var part in Repack(parts, reference)) repacked.Add(part);
                matches.Add(Compare([.. parts.Select(part => (part.Block.Start + part.Piece.PlainOffset, Bytes(part.Block, part.Piece)))], reference));
            }
            meter.Add(parts.Sum(part => (long)part.Piece.Length));
        });
        _matches = [.. matches.Append(tables.Result).SelectMany(list => list).OrderBy(match => match.Start)];
        _repacked = [.. repacked.OrderBy(entry => entry.Start)];
    }

    private List<PatchMatch> CompareTables(Meter meter)
    {
        var others = blocks.Where(block => block.Pieces.Count == 0 && block.Kind != StoredKind.Compressed).ToArray();
        meter.Add(others.Sum(block => (long)block.Plain.Length));
        return Compare([.. others.Select(block => (block.Start, (ReadOnlyMemory<byte>)block.Plain))], pack.ReadOldTables());
    }

    private static ReadOnlyMemory<byte> Bytes(NewBlock block, StoredPiece piece) => block.Plain.AsMemory(piece.PlainOffset, piece.Length);

    /// <summary>Compares pieces as if they lay in a row; what is found is said by where they are.</summary>
    private static List<PatchMatch> Compare((long Start, ReadOnlyMemory<byte> Bytes)[] pieces, Reference reference)
    {
        var content = new byte[pieces.Sum(piece => piece.Bytes.Length)];
        var ends = new long[pieces.Length];
        for (int i = 0, at = 0; i < pieces.Length; ends[i] = at, i++)
        {
            pieces[i].Bytes.CopyTo(content.AsMemory(at));
            at += pieces[i].Bytes.Length;
        }
        var matches = new List<PatchMatch>();
        var number = 0;
        foreach (var match in reference.Match(content))
            for (var at = match.Start; at < match.End;)
            {
                while (ends[number] <= at) number++;
                var length = (int)(Math.Min(ends[number], match.End) - at);
                var first = ends[number] - pieces[number].Bytes.Length;
                var skipped = (int)(at - match.Start);
                matches.Add(new(pieces[number].Start + at - first, match.Place + skipped, match.Old.Slice(skipped, length)));
                at += length;
            }
        return matches;
    }

    /// <summary>The parts of a file that are packed in a way that gives the same bytes when they are packed again.</summary>
    private List<Repacked> Repack((NewBlock Block, StoredPiece Piece)[] parts, Reference old)
    {
        var repacked = new List<Repacked>();
        if (InARow(parts) is not { } file) return repacked;
        var start = parts[0].Block.Start + parts[0].Piece.PlainOffset;
        var packedParts = PackedFiles.PartsOf(file);
        var oldParts = packedParts.Count > 0 ? PackedFiles.PartsOf(old.Bytes) : [];
        for (var i = 0; i < packedParts.Count; i++)
        {
            var packed = file.AsSpan(packedParts[i].Start, packedParts[i].Length);
            var (method, content) = Unpack(packedParts[i], packed);
            if (content is null) continue;
            var near = oldParts.Where((_, number) => Math.Abs(number - i) <= 1).ToArray();
            var (references, matches) = Match(content, method, near, old);
            repacked.Add(new(start + packedParts[i].Start, packed.Length, method, content, references, matches));
        }
        return repacked;
    }

    /// <summary>The bytes of a whole file that is new and in a row among the contents of new blocks; else null.</summary>
    private static byte[]? InARow((NewBlock Block, StoredPiece Piece)[] parts)
    {
        var size = parts[0].Piece.Content.SizeBytes;
        if (size > int.MaxValue || parts.Sum(part => (long)part.Piece.Length) != size) return null;
        var (file, start) = (new byte[size], parts[0].Block.Start + parts[0].Piece.PlainOffset);
        long at = 0;
        foreach (var (block, piece) in parts)
        {
            if (piece.FileOffset != at || block.Start + piece.PlainOffset != start + at) return null;
            Bytes(block, piece).CopyTo(file.AsMemory((int)at));
            at += piece.Length;
        }
        return file;
    }

    private (ulong Method, byte[]? Content) Unpack(PackedPart part, ReadOnlySpan<byte> packed)
    {
        var content = new byte[FrameWriter.MaximumRepackBytes];
        var again = new byte[FrameWriter.PackerRoom(FrameWriter.MaximumRepackBytes)];
        foreach (var method in part.Methods)
            if (pack.Codecs.Unpack(method, packed, content) is > 0 and var size
                && pack.Codecs.Pack(method, content.AsSpan(0, size), again.AsSpan(0, FrameWriter.PackerRoom(size))) == packed.Length && again.AsSpan(0, packed.Length).SequenceEqual(packed))
                return (method, content[..size]);
        return default;
    }

    /// <summary>Compared with the old parts, unpacked, of which most is used; where the old file is not packed, with that.</summary>
    private (List<(long Place, int Bytes)> References, List<PatchMatch> Matches) Match(byte[] content, ulong method, PackedPart[] near, Reference old)
    {
        var candidates = new List<((long Place, int Bytes) Where, byte[] Content)>();
        var buffer = new byte[FrameWriter.MaximumRepackBytes];
        foreach (var part in near)
            if (old.PlaceOf(part.Start, part.Length) is { } place
                && pack.Codecs.Unpack(method, old.Bytes.AsSpan(part.Start, part.Length), buffer) is > 0 and var size)
                candidates.Add(((place, part.Length), buffer[..size]));
        if (candidates.Count == 0) return ([], near.Length == 0 ? old.Match(content) : []);
        while (true)
        {
            var matches = Joined(candidates).Match(content);
            if (candidates.Count <= FrameWriter.MaximumReferences) return ([.. candidates.Select(candidate => candidate.Where)], matches);
            var least = Enumerable.Range(0, candidates.Count)
                .MinBy(number => matches.Where(match => match.Place >= FrameWriter.UnpackedPlace(number) && match.Place < FrameWriter.UnpackedPlace(number + 1)).Sum(match => (long)match.Old.Length));
            candidates.RemoveAt(least);
        }
    }

    private static Reference Joined(List<((long, int) Where, byte[] Content)> candidates)
    {
        var spans = new List<ReferenceSpan>();
        for (int i = 0, at = 0; i < candidates.Count; at += candidates[i].Content.Length, i++)
            spans.Add(new(at, FrameWriter.UnpackedPlace(i), candidates[i].Content.Length));
        return new([.. candidates.SelectMany(candidate => candidate.Content)], spans);
    }

    /// <summary>Blocks in a row, first and end, that make up a frame; what is packed again is in one.</summary>
    public List<(int First, int End)> Frames(int contentBytes)
    {
        var frames = new List<(int, int)>();
        var (first, packed) = (0, 0);
        for (var i = 0; i < blocks.Count; i++)
        {
            while (packed < _repacked.Count && _repacked[packed].End <= blocks[i].End) packed++;
            var isCut = packed < _repacked.Count && _repacked[packed].Start < blocks[i].End;
            if (i + 1 < blocks.Count && (isCut || blocks[i].End - blocks[first].Start < contentBytes)) continue;
            frames.Add((first, i + 1));
            first = i + 1;
        }
        return frames;
    }

    public byte[] Pack((int First, int End) frame)
    {
        var writer = new FrameWriter();
        var (start, end) = (blocks[frame.First].Start, blocks[frame.End - 1].End);
        var content = new byte[end - start];
        for (var i = frame.First; i < frame.End; i++) blocks[i].Plain.CopyTo(content, blocks[i].Start - start);
        var at = start;
        foreach (var packed in _repacked.Where(entry => entry.Start >= start && entry.Start < end))
        {
            AddPlain(at, packed.Start);
            writer.AddRepacked(packed.Method, packed.PackedBytes, packed.Content, packed.References, packed.Matches);
            at = packed.End;
        }
        AddPlain(at, end);
        return writer.ToBytes();

        void AddPlain(long from, long to)
        {
            if (from < to) writer.Add(content.AsSpan((int)(from - start), (int)(to - from)), Matches(from, to));
        }
    }

    private IEnumerable<PatchMatch> Matches(long from, long to)
    {
        var (low, high) = (0, _matches.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_matches[middle].End <= from) low = middle + 1;
            else high = middle;
        }
        for (var i = low; i < _matches.Count && _matches[i].Start < to; i++)
        {
            var match = _matches[i];
            var (first, end) = (Math.Max(from, match.Start), Math.Min(to, match.End));
            yield return new(first - from, match.Place + first - match.Start, match.Old.Slice((int)(first - match.Start), (int)(end - first)));
        }
    }
}
