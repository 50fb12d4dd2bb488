using System.Security.Cryptography;
using Firn.Formats.Payloads;
using Firn.Formats.Releases;

namespace Firn.Machine.Updates;

/// <summary>Fetches the block index of an image: its head, and of the rest only what no index on this machine has.</summary>
internal static class IndexDownload
{
    private const int SmallestGapBytes = 4 << 10;
    private const long LargestBytes = 64 << 20;    // of an image of some 100 GB

    /// <summary>Null if the release has none.</summary>
    /// <exception cref="InvalidDataException">It is another than the manifest says.</exception>
    /// <exception cref="IOException">It cannot be had.</exception>
    public static async Task<BlockIndex?> RunAsync(
        IReleaseSource source, ReleaseImage image, BlockIndex? old, RateLimit limit, OriginCount origins, CancellationToken cancellation)
    {
        if (image.Index is not { } file) return null;
        var headBytes = new byte[file.HeadBytes];
        await using (var beginning = new RangeQueue(source, file.File, file.SizeBytes, [new(0, headBytes.Length)], limit, origins, cancellation))
            await beginning.ReadAsync(0, headBytes);
        if (Convert.ToHexStringLower(SHA256.HashData(headBytes)) != file.HeadSha256)
            throw source.WrongBytes(file.File, "its head has another SHA-256 than the manifest says");
        var head = IndexHead.Read(headBytes);
        if (head.ImageBytes != image.SizeBytes)
            throw source.WrongBytes(file.File, $"is of an image of {head.ImageBytes} bytes, {image.File} has {image.SizeBytes}");

        if (file.SizeBytes > LargestBytes || head.SegmentRanges().LastOrDefault(new ByteRange(head.SizeBytes, 0)).End != file.SizeBytes)
            throw source.WrongBytes(file.File, $"has {file.SizeBytes} bytes, which is not what its head says, or too many");

        var known = Segments(old);
        var missing = new List<ByteRange>();
        var entries = new List<byte[]>();    // of the missing ones
        var number = 0;
        foreach (var place in head.SegmentRanges())
        {
            if (!known.TryAdd(head.Segments[number++].Hash.ToString(), new byte[place.Length])) continue;
            missing.Add(place);
            entries.Add(known[head.Segments[number - 1].Hash.ToString()]);
        }
        await using var rest = new RangeQueue(
            source, file.File, file.SizeBytes, ByteRange.Coalesce(missing, SmallestGapBytes), limit, origins, cancellation);
        for (var i = 0; i < missing.Count; i++) await rest.ReadAsync(missing[i].Offset, entries[i]);
        try
        {
            return BlockIndex.Read(head, (_, segment) => known[segment.Hash.ToString()]);
        }
        catch (InvalidDataException error)
        {
            throw source.WrongBytes(file.File, error.Message);
        }
    }

    private static Dictionary<string, byte[]> Segments(BlockIndex? index)
    {
        var known = new Dictionary<string, byte[]>();
        for (var number = 0; number < (index?.Head.Segments.Length ?? 0); number++)
            known[index!.Head.Segments[number].Hash.ToString()] = index.SegmentBytes(number).ToArray();
        return known;
    }
}
