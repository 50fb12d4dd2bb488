namespace Firn.Formats.SquashFs;

/// <summary>
/// Writes the content of all files in the layout of an earlier image. What is the same stays in its place, blocks of
/// small files as long as half of them is in use. New content is written to the spool first; when its size is known, it
/// goes into the gaps, the largest first into the smallest gap it fits, and what fits nowhere comes at the end.
/// </summary>
internal sealed class IncrementalLayout
{
    private const int CopyBytes = 1 << 20;

    private readonly IReadOnlyList<PlannedInode> _files;
    private readonly ImageReader _old;
    private readonly PreviousImage _previous;
    private readonly SquashFsOptions _options;
    private readonly long _dataStart;
    private readonly Dictionary<SquashFsContent, FileLayout> _kept = [];
    private readonly List<FragmentBlock> _oldFragments;
    private readonly Dictionary<long, int> _oldFragmentNumbers = [];
    private readonly HashSet<int> _keptFragments = [];
    private readonly List<PlannedInode> _newFiles = [];

    /// <summary>Stored bytes and where they come from; the position where they go is found last.</summary>
    private sealed record Piece(long Length, long SpoolOffset, FileLayout? File, int Fragment)
    {
        public long Position { get; set; }
    }

    private IncrementalLayout(
        IReadOnlyList<PlannedInode> files, PreviousImage previous, SquashFsOptions options, long dataStart)
    {
        (_files, _previous, _options, _dataStart) = (files, previous, options, dataStart);
        _old = previous.Image.Bytes;
        _oldFragments = previous.Image.ReadFragments();
        for (var i = 0; i < _oldFragments.Count; i++) _oldFragmentNumbers.TryAdd(_oldFragments[i].Start, i);
    }

    /// <summary>Writes the content, tells each file where it is, and returns the blocks that small files share.</summary>
    /// <param name="image">Stands at <paramref name="dataStart"/>.</param>
    public static IReadOnlyList<FragmentBlock> Write(
        IReadOnlyList<PlannedInode> files, Stream image, long dataStart, SquashFsOptions options,
        Func<BlockCompressor> newCompressor, PreviousImage previous, IProgress<SquashFsProgress>? progress)
    {
        var superblock = previous.Image.Superblock;
        if (superblock.Compression != SquashFsCompression.Zstd || superblock.BlockSizeBytes != options.BlockSizeBytes
            || previous.Image.ZstdLevel != options.Level)
            throw new ArgumentException("the previous image has another compression or block size", nameof(previous));
        return new IncrementalLayout(files, previous, options, dataStart).Write(image, newCompressor, progress);
    }

    private IReadOnlyList<FragmentBlock> Write(
        Stream image, Func<BlockCompressor> newCompressor, IProgress<SquashFsProgress>? progress)
    {
        var deadBytes = Keep();
        var kept = KeptRanges();
        IReadOnlyList<FragmentBlock> added;
        using (var data = new DataWriter(_previous.Spool, SquashFsFormat.SuperblockSize, _options, newCompressor, progress))
        {
            data.Write(_newFiles);
            added = data.Fragments;
        }
        var gaps = new Gaps(_dataStart, kept);
        var keptBytes = gaps.End - _dataStart - gaps.FreeBytes;
        var pieces = Pieces(added);
        foreach (var piece in pieces.OrderByDescending(piece => piece.Length)) piece.Position = gaps.Take(piece.Length) ?? 0;
        foreach (var piece in pieces.Where(piece => piece.Position == 0)) piece.Position = gaps.Append(piece.Length);
        foreach (var piece in pieces)
            if (piece.File is { } file) file.Start = piece.Position;
        var fragments = Number(pieces, added);
        Assemble(image, kept, pieces, gaps.End);
        _previous.Reuse = new(keptBytes, pieces.Sum(piece => piece.Length), gaps.FreeBytes, deadBytes);
        return fragments;
    }

    // Decides what stays, and returns how many bytes of it nobody needs.
    private long Keep()
    {
        var contents = _previous.Image.ReadTree().Walk().Select(entry => entry.Node.Content)
            .OfType<SquashFsContent>().Where(CanStay).DistinctBy(content => (content.Place, content.SizeBytes)).ToList();
        var matches = OldContents.Match(_files, contents, _options.BlockSizeBytes, _options.Threads);
        var liveBytes = new long[_oldFragments.Count];
        foreach (var content in matches.Values.Distinct())
            if (content.SizeWords.Length == 0) liveBytes[NumberOf(content)] += content.SizeBytes;
        var deadBytes = 0L;
        var block = new byte[_options.BlockSizeBytes];
        for (var i = 0; i < liveBytes.Length; i++)
        {
            if (liveBytes[i] == 0) continue;
            // All it holds, and not what the previous image used of it: otherwise it would decay a little with each update.
            var plainBytes = _old.ReadBlock(_oldFragments[i].Start, _oldFragments[i].SizeWord, block);
            if (2 * liveBytes[i] < plainBytes) continue;
            _keptFragments.Add(i);
            deadBytes += Math.Max(0, plainBytes - liveBytes[i]);
        }

        foreach (var file in _files)
            if (matches.TryGetValue(file, out var content) && LayoutOf(content) is { } layout) file.Layout = layout;
            else _newFiles.Add(file);
        return deadBytes;
    }

    private int NumberOf(SquashFsContent content) => _oldFragmentNumbers[content.Fragment.Start];

    // Either blocks of its own or a place in a shared one; both is what other writers do.
    private bool CanStay(SquashFsContent content) => content.SizeWords.Length == 0
        ? IsWithinData(content.Fragment.Start, _old.StoredSize(content.Fragment.SizeWord))
        : content.Fragment.Start == 0 && content.SizeWords.AsSpan().ContainsAnyExcept(0u) && IsWithinData(content.Start, StoredBytes(content.SizeWords));

    private bool IsWithinData(long start, long length) => start >= _dataStart && length <= _old.Superblock.InodeTable - start;

    private FileLayout? LayoutOf(SquashFsContent content)
    {
        if (_kept.TryGetValue(content, out var layout)) return layout;
        var isShared = content.SizeWords.Length == 0;
        if (isShared && !_keptFragments.Contains(NumberOf(content))) return null;
        layout = new(content.SizeBytes, content.SizeWords.Length)
        {
            Start = isShared ? 0 : content.Start,
            Fragment = isShared ? (uint)NumberOf(content) : SquashFsFormat.NoFragment,
            FragmentOffset = content.FragmentOffset,
        };
        content.SizeWords.CopyTo(layout.SizeWords.AsSpan());
        _kept.Add(content, layout);
        return layout;
    }

    private List<(long Start, long Length)> KeptRanges()
    {
        var ranges = _keptFragments.Select(i => (_oldFragments[i].Start, (long)_old.StoredSize(_oldFragments[i].SizeWord))).ToList();
        ranges.AddRange(_kept.Keys.Where(content => content.SizeWords.Length > 0)
            .Select(content => (content.Start, StoredBytes(content.SizeWords))));
        ranges.Sort();
        return ranges;
    }

    private long StoredBytes(uint[] sizeWords) => sizeWords.Sum(word => (long)_old.StoredSize(word));

    // In the order of the spool: files in path order, then shared blocks.
    private List<Piece> Pieces(IReadOnlyList<FragmentBlock> added)
    {
        var files = _newFiles.Select(file => file.Layout).Distinct().Where(layout => layout.Start > 0)
            .Select(layout => new Piece(StoredBytes(layout.SizeWords), layout.Start - SquashFsFormat.SuperblockSize, layout, 0));
        var fragments = added.Select((block, i) =>
            new Piece(_old.StoredSize(block.SizeWord), block.Start - SquashFsFormat.SuperblockSize, null, i));
        return [.. files, .. fragments];
    }

    // Blocks that stay keep their number, for it is in the inodes; new ones take those that are free.
    private FragmentBlock[] Number(List<Piece> pieces, IReadOnlyList<FragmentBlock> added)
    {
        var fragments = new FragmentBlock[_keptFragments.Count + added.Count];
        var free = new Queue<int>(Enumerable.Range(0, fragments.Length).Where(i => !_keptFragments.Contains(i)));
        var numbers = new Dictionary<uint, uint>();
        foreach (var i in _keptFragments.Order())
        {
            var number = i < fragments.Length ? i : free.Dequeue();
            fragments[number] = _oldFragments[i];
            numbers[(uint)i] = (uint)number;
        }
        foreach (var layout in _kept.Values)
            if (layout.Fragment != SquashFsFormat.NoFragment) layout.Fragment = numbers[layout.Fragment];
        var addedNumbers = added.Select(_ => (uint)free.Dequeue()).ToArray();
        foreach (var piece in pieces)
            if (piece.File is null) fragments[addedNumbers[piece.Fragment]] = new(piece.Position, added[piece.Fragment].SizeWord);
        foreach (var layout in _newFiles.Select(file => file.Layout).Distinct())
            if (layout.Fragment != SquashFsFormat.NoFragment) layout.Fragment = addedNumbers[layout.Fragment];
        return fragments;
    }

    private void Assemble(Stream image, List<(long Start, long Length)> kept, List<Piece> pieces, long end)
    {
        var buffer = new byte[CopyBytes];
        var position = _dataStart;
        var steps = kept.Select(range => (range.Start, range.Length, Piece: default(Piece)))
            .Concat(pieces.Select(piece => (Start: piece.Position, piece.Length, Piece: (Piece?)piece))).OrderBy(step => step.Start);
        foreach (var (start, length, piece) in steps)
        {
            Fill(image, start - position, buffer);
            var skipped = Math.Max(0, position - start);    // ranges of an old image may overlap
            if (skipped >= length) continue;
            position = start + length;
            if (piece is not null) _previous.Spool.Position = piece.SpoolOffset;
            for (var done = skipped; done < length;)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - done));
                if (piece is null) _old.Read(start + done, part, "previous image");
                else _previous.Spool.ReadExactly(part);
                image.Write(part);
                done += part.Length;
            }
        }
        Fill(image, end - position, buffer);
    }

    private static void Fill(Stream image, long length, byte[] buffer)
    {
        if (length <= 0) return;
        Array.Clear(buffer);
        for (; length > 0; length -= buffer.Length) image.Write(buffer, 0, (int)Math.Min(buffer.Length, length));
    }
}
