namespace Firn.Formats.SquashFs;

/// <summary>
/// Writes the content of all files in the layout of an earlier image. What is the same stays in its place, blocks of
/// small files unless too much in them is dead (<see cref="SharedBlock"/>). New content is written to the spool first, for
/// where it goes depends on its size (<see cref="Placement"/>).
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
        IReadOnlyList<FragmentBlock> added;
        using (var data = new DataWriter(_previous.Spool, SquashFsFormat.SuperblockSize, _options, newCompressor, progress))
        {
            data.Write(_newFiles);
            added = data.Fragments;
        }
        var files = NewLayouts().Where(layout => layout.Start > 0).Select(layout => (Layout: layout, Run: SpoolRun(layout.Start, StoredBytes(layout.SizeWords)))).ToList();
        var blocks = added.Select(block => SpoolRun(block.Start, _old.StoredSize(block.SizeWord))).ToList();
        List<DataRun> runs = [.. files.Select(file => file.Run), .. blocks];
        var placement = new Placement(_dataStart, KeptRanges());
        placement.Add(runs);

        foreach (var layout in _kept.Values)
            if (layout.Start > 0) layout.Start = placement.PositionOf(layout.Start);
        foreach (var (layout, run) in files) layout.Start = run.Position;
        var fragments = Number(placement, [.. added.Zip(blocks, (block, run) => block with { Start = run.Position })]);
        Assemble(image, placement.Runs);
        _previous.Reuse = new(placement.KeptBytes, placement.MovedBytes, runs.Sum(run => run.Length), placement.GapBytes, deadBytes);
        return fragments;
    }

    private IEnumerable<FileLayout> NewLayouts() => _newFiles.Select(file => file.Layout).Distinct();

    private static DataRun SpoolRun(long start, long length) => new(length, start - SquashFsFormat.SuperblockSize, isNew: true);

    // Decides what stays, and returns how many bytes of it nobody needs.
    private long Keep()
    {
        var contents = _previous.Image.ReadTree().Walk().Select(entry => entry.Node.Content)
            .OfType<SquashFsContent>().Where(CanStay).DistinctBy(content => (content.Place, content.SizeBytes)).ToList();
        var matches = OldContents.Match(_files, contents, _options.BlockSizeBytes, _options.Threads);
        var liveBytes = new long[_oldFragments.Count];
        var largeBytes = 0L;
        foreach (var content in matches.Values.Distinct())
            if (content.SizeWords.Length == 0) liveBytes[NumberOf(content)] += content.SizeBytes;
            else largeBytes += StoredBytes(content.SizeWords);
        var deadBytes = KeepSharedBlocks(liveBytes, largeBytes);
        foreach (var file in _files)
            if (matches.TryGetValue(file, out var content) && LayoutOf(content) is { } layout) file.Layout = layout;
            else _newFiles.Add(file);
        return deadBytes;
    }

    private long KeepSharedBlocks(long[] liveBytes, long otherBytes)
    {
        var blocks = new List<SharedBlock>();
        var plain = new byte[_options.BlockSizeBytes];
        for (var i = 0; i < liveBytes.Length; i++)
        {
            if (liveBytes[i] == 0) continue;
            var plainBytes = _old.ReadBlock(_oldFragments[i].Start, _oldFragments[i].SizeWord, plain);
            blocks.Add(new(i, _old.StoredSize(_oldFragments[i].SizeWord), plainBytes, Math.Max(0, plainBytes - liveBytes[i])));
        }
        var kept = SharedBlock.Keep(blocks, otherBytes);
        foreach (var block in kept) _keptFragments.Add(block.Number);
        return kept.Sum(block => block.DeadBytes);
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

    private IEnumerable<(long Start, long Length)> KeptRanges() =>
        _keptFragments.Select(i => (_oldFragments[i].Start, (long)_old.StoredSize(_oldFragments[i].SizeWord)))
            .Concat(_kept.Keys.Where(content => content.SizeWords.Length > 0).Select(content => (content.Start, StoredBytes(content.SizeWords))));

    private long StoredBytes(uint[] sizeWords) => sizeWords.Sum(word => (long)_old.StoredSize(word));

    // Blocks that stay keep their number, for it is in the inodes; new ones take those that are free.
    private FragmentBlock[] Number(Placement placement, List<FragmentBlock> added)
    {
        var fragments = new FragmentBlock[_keptFragments.Count + added.Count];
        var free = new Queue<int>(Enumerable.Range(0, fragments.Length).Where(i => !_keptFragments.Contains(i)));
        var numbers = new Dictionary<uint, uint>();
        foreach (var i in _keptFragments.Order())
        {
            var number = i < fragments.Length ? i : free.Dequeue();
            fragments[number] = _oldFragments[i] with { Start = placement.PositionOf(_oldFragments[i].Start) };
            numbers[(uint)i] = (uint)number;
        }
        foreach (var layout in _kept.Values)
            if (layout.Fragment != SquashFsFormat.NoFragment) layout.Fragment = numbers[layout.Fragment];
        var addedNumbers = added.Select(_ => (uint)free.Dequeue()).ToArray();
        for (var i = 0; i < added.Count; i++) fragments[addedNumbers[i]] = added[i];
        foreach (var layout in NewLayouts())
            if (layout.Fragment != SquashFsFormat.NoFragment) layout.Fragment = addedNumbers[layout.Fragment];
        return fragments;
    }

    private void Assemble(Stream image, IEnumerable<DataRun> runs)
    {
        var buffer = new byte[CopyBytes];
        var position = _dataStart;
        foreach (var run in runs)
        {
            Fill(image, run.Position - position, buffer);
            if (run.IsNew) _previous.Spool.Position = run.From;
            for (var done = 0L; done < run.Length;)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, run.Length - done));
                if (run.IsNew) _previous.Spool.ReadExactly(part);
                else _old.Read(run.From + done, part, "previous image");
                image.Write(part);
                done += part.Length;
            }
            position = run.End;
        }
    }

    private static void Fill(Stream image, long length, byte[] buffer)
    {
        if (length <= 0) return;
        Array.Clear(buffer);
        for (; length > 0; length -= buffer.Length) image.Write(buffer, 0, (int)Math.Min(buffer.Length, length));
    }
}
