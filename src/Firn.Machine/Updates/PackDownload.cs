using System.Security.Cryptography;
using Firn.Formats.Payloads;
using Firn.Formats.Releases;

namespace Firn.Machine.Updates;

/// <summary>Fetches head and plan of the pack that makes an image of the one in the other slot. A pack is a way to fetch less, never one to fail.</summary>
internal static class PackDownload
{
    /// <summary>Null if there is none, or none that can be used here: blocks are fetched then.</summary>
    public static async Task<ImagePatch?> RunAsync(
        IReleaseSource source, ReleaseImage image, OldSlotImage old, RateLimit limit, OriginCount origins, CancellationToken cancellation)
    {
        if (image.Index is not { } index || image.Deltas?.FirstOrDefault(delta => delta.FromSha256 == old.Sha256)?.Pack is not { } file) return null;
        try
        {
            var head = PackHead.Read(await ReadAsync(new(0, file.HeadBytes), file.HeadSha256));
            var (plan, oldIndex) = (head.Frames[0], BlockHash.Of(old.Index.ToBytes()));
            if (head.OldIndex != oldIndex || head.Frames[^1].Bytes.End != file.SizeBytes || plan.Bytes.Length > ImagePatch.MostFrameBytes
                || !ImagePatch.CanEncode(head.Encoder)) return null;
            var patch = new ImagePatch(file, head, PackPlan.Read(await ReadAsync(plan.Bytes, plan.Hash.ToString()), old.Index), old);
            // the plan tells the new image's index: it counts for nothing unless it is the one the manifest names
            var isTheIndex = Hash(patch.Plan.Index.ToBytes()) == index.Sha256 && patch.Plan.Index.ImageBytes == image.SizeBytes;
            return isTheIndex ? patch : null;
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            return null;
        }

        async Task<byte[]> ReadAsync(ByteRange range, string sha256)
        {
            var bytes = new byte[range.Length];
            await using (var queue = new RangeQueue(source, file.File, file.SizeBytes, [range], limit, origins, cancellation))
                await queue.ReadAsync(range.Offset, bytes);
            if (Hash(bytes) == sha256) return bytes;
            source.Distrust(file.File);
            throw new InvalidDataException($"{source.Name}: {file.File}: its beginning has another SHA-256 than was promised");
        }
    }

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
