using System.Diagnostics;
using Firn.Formats.Payloads;
using Firn.Images.Building;
using Firn.Images.RootImages;
using Firn.Linux.Compression;
using Firn.Linux.Memory;

namespace Firn.Images.Deltas;

/// <summary>What an update from one root image to another takes.</summary>
/// <param name="BlocksBytes">To fetch without a pack: new blocks, in ranges.</param>
/// <param name="Ranges">That those are.</param>
/// <param name="IndexBytes">To fetch of the index before, with that of the old image at hand.</param>
/// <param name="PackBytes">The pack as a whole: all there is to fetch with it, but the manifest.</param>
/// <param name="PlanBytes">Of the pack: head and plan.</param>
/// <param name="NewBlocks">That are made.</param>
/// <param name="RefusedBlocks">Of those: could not be made, and would be fetched.</param>
/// <param name="RefusedBytes">Of those.</param>
/// <param name="MakeSeconds">The pack.</param>
/// <param name="ApplySeconds">On one thread.</param>
public sealed record DeltaTrialReport(
    long BlocksBytes, int Ranges, long IndexBytes, long PackBytes, long PlanBytes, int NewBlocks, int RefusedBlocks, long RefusedBytes,
    double MakeSeconds, double ApplySeconds);

/// <summary>Makes a pack from one root image to another, and applies it as a device would.</summary>
public static class DeltaTrial
{
    /// <param name="oldPath">A root image.</param>
    /// <param name="newPath">A later one.</param>
    /// <param name="threads">That make the pack.</param>
    /// <param name="progress">Told what is done.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The pack, and what was found.</returns>
    /// <exception cref="InvalidDataException">An image is damaged, or no squashfs.</exception>
    public static (byte[] Pack, DeltaTrialReport Report) Run(
        string oldPath, string newPath, int threads, IProgress<BuildProgress>? progress, CancellationToken cancellation)
    {
        using var oldImage = SquashImage.Open(oldPath);
        using var newImage = SquashImage.Open(newPath);
        progress?.Report(new("index images"));
        var (old, target) = (Indexed(oldImage), Indexed(newImage));
        var began = Stopwatch.GetTimestamp();
        var pack = new PackBuilder(old, target, ReleaseDeltas.Codecs, ZstdEncoder.NameOf(newImage.Reader.ZstdLevel)).Build(threads, progress, cancellation);
        var made = Stopwatch.GetElapsedTime(began);

        var plan = target.Index.Match([new(old.Index)]);
        var known = old.Index.Head.Segments.Select(segment => segment.Hash).ToHashSet();
        var indexBytes = target.Index.Head.SizeBytes + target.Index.Head.Segments.Where(segment => !known.Contains(segment.Hash)).Sum(segment => (long)segment.EntryBytes);
        began = Stopwatch.GetTimestamp();
        var (head, blocks, refused) = Apply(pack, old, progress, cancellation);
        return (pack, new(
            plan.Ranges().Sum(range => range.Length), plan.Ranges().Count, indexBytes, pack.Length, head.Frames[0].Bytes.End,
            blocks, refused.Count, refused.Sum(block => (long)block.Length), made.TotalSeconds, Stopwatch.GetElapsedTime(began).TotalSeconds));
    }

    private static PackImage Indexed(SquashImage image) =>
        PackImage.OfSquashFs(image.Bytes, BlockIndex.Of(image.Bytes, BlockCuts.OfSquashFs(image.Reader)), image.Reader);

    private static (PackHead Head, int Blocks, List<IndexedBlock> Refused) Apply(
        byte[] pack, PackImage old, IProgress<BuildProgress>? progress, CancellationToken cancellation)
    {
        var head = PackHead.Read(pack);
        var plan = PackPlan.Read(Frame(0), old.Index);
        using var reader = new PatchReader(head, plan, old.Index, new OldImageContent(old), ReleaseDeltas.Codecs, MappedMemory.Allocate);
        var refused = new List<IndexedBlock>();
        long done = 0;
        for (var frame = 1; frame < head.Frames.Length; frame++)
            foreach (var made in reader.Apply(frame, Frame(frame)))
            {
                cancellation.ThrowIfCancellationRequested();
                var block = plan.Index.Blocks[made.Number];
                if (made.MustBeFetched) refused.Add(block);
                progress?.Report(new("apply", done += block.Length));
            }
        return (head, plan.Blocks.Length, refused);

        ReadOnlyMemory<byte> Frame(int number) => pack.AsMemory((int)head.Frames[number].Bytes.Offset, (int)head.Frames[number].Bytes.Length);
    }

    private sealed class OldImageContent(PackImage image) : IOldContent
    {
        public void Read(long offset, Span<byte> destination) => image.Bytes.Read(offset, destination);
    }
}
