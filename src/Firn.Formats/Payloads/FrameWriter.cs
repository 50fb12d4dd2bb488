using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Firn.Formats.Payloads;

/// <summary>A part of a new content that is much like old bytes.</summary>
/// <param name="Start">In the new content.</param>
/// <param name="Place">Where a device finds the old bytes.</param>
/// <param name="Old">The old bytes; as many of the new ones are patched.</param>
public readonly record struct PatchMatch(long Start, long Place, ReadOnlyMemory<byte> Old)
{
    public long End => Start + Old.Length;
}

/// <summary>
/// Writes a frame: four streams, each compressed by itself. Lengths say what is next, places where old bytes are, from the end
/// of those before; differences are new bytes less old ones, mostly zero; additions have no old bytes.
/// </summary>
public sealed class FrameWriter
{
    private readonly List<byte> _lengths = [], _places = [], _differences = [], _additions = [];
    private long _place;

    /// <summary>Bytes that are patched as they are.</summary>
    /// <param name="content">Not empty.</param>
    /// <param name="matches">In order; do not overlap.</param>
    public void Add(ReadOnlySpan<byte> content, IEnumerable<PatchMatch> matches)
    {
        VarInts.Write(_lengths, 0);
        VarInts.Write(_lengths, (ulong)content.Length);
        AddSteps(content, matches);
    }

    /// <summary>A content that is packed again when it is patched.</summary>
    /// <param name="method">How: not 0.</param>
    /// <param name="packedBytes">Its size then.</param>
    /// <param name="content">Unpacked.</param>
    /// <param name="references">Old contents that are unpacked for it: places and sizes. Matches find them at <see cref="UnpackedPlace"/>.</param>
    /// <param name="matches">In order; do not overlap.</param>
    public void AddRepacked(
        ulong method, int packedBytes, ReadOnlySpan<byte> content, IReadOnlyCollection<(long Place, int Bytes)> references, IEnumerable<PatchMatch> matches)
    {
        VarInts.Write(_lengths, method);
        VarInts.Write(_lengths, (ulong)packedBytes);
        VarInts.Write(_lengths, (ulong)content.Length);
        VarInts.Write(_lengths, (ulong)references.Count);
        foreach (var (place, bytes) in references)
        {
            VarInts.WriteSigned(_places, place);
            VarInts.Write(_lengths, (ulong)bytes);
        }
        AddSteps(content, matches);
    }

    /// <summary>Where the bytes of an unpacked reference are, by its number.</summary>
    public static long UnpackedPlace(int reference) => PackFormat.UnpackedBase + reference * PackFormat.UnpackedStride;

    /// <summary>The largest content that can be packed again.</summary>
    public const int MaximumRepackBytes = PackFormat.MaximumRepackBytes;

    /// <summary>Room that a packer gets on a device.</summary>
    public static int PackerRoom(int contentBytes) => PackFormat.PackerRoom(contentBytes);

    /// <summary>That can be unpacked for one.</summary>
    public const int MaximumReferences = PackFormat.MaximumReferences;

    public byte[] ToBytes()
    {
        var streams = new[] { _lengths, _places, _differences, _additions }.Select(stream => Brotli.Compress(CollectionsMarshal.AsSpan(stream))).ToArray();
        var sizes = new byte[streams.Length * sizeof(int)];
        for (var i = 0; i < streams.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(sizes.AsSpan(i * sizeof(int)), streams[i].Length);
        return [.. sizes, .. streams.SelectMany(stream => stream)];
    }

    private void AddSteps(ReadOnlySpan<byte> content, IEnumerable<PatchMatch> matches)
    {
        long done = 0;
        PatchMatch? before = null;
        foreach (var match in matches)
        {
            if (before is not null || match.Start > 0) AddStep(content, before, done, match.Start);
            (before, done) = (match, match.End);
        }
        if (before is not null || content.Length > 0) AddStep(content, before, done, content.Length);
    }

    private void AddStep(ReadOnlySpan<byte> content, PatchMatch? match, long done, long end)
    {
        var old = match is { } found ? found.Old.Span : default;
        VarInts.Write(_lengths, (ulong)old.Length);
        VarInts.Write(_lengths, (ulong)(end - done));
        if (match is { } there)
        {
            VarInts.WriteSigned(_places, there.Place - _place);
            _place = there.Place + old.Length;
            for (var i = 0; i < old.Length; i++) _differences.Add((byte)(content[(int)there.Start + i] - old[i]));
        }
        _additions.AddRange(content[(int)done..(int)end]);
    }
}
