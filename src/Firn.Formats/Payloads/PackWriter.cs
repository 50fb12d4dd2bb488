namespace Firn.Formats.Payloads;

/// <summary>Puts a pack together.</summary>
public static class PackWriter
{
    /// <param name="old">Of the old image.</param>
    /// <param name="plan">What the new image is.</param>
    /// <param name="oldBlockBytes">The most that a block of the old image has when it is decompressed.</param>
    /// <param name="encoder">What compresses the new blocks.</param>
    /// <param name="frames">Each with the number of blocks that it makes, in order.</param>
    public static (PackHead Head, byte[] Bytes) Write(
        BlockIndex old, PackPlan plan, int oldBlockBytes, string encoder, IEnumerable<(byte[] Bytes, int BlockCount)> frames)
    {
        var all = frames.Prepend((plan.ToBytes(old), 0)).ToArray();
        var heads = all.Select(frame => new PackFrame(new(0, frame.Item1.Length), frame.Item2, BlockHash.Of(frame.Item1)));
        var head = new PackHead(BlockHash.Of(old.ToBytes()), BlockHash.Of(plan.Index.ToBytes()), oldBlockBytes, encoder, [.. heads]);
        var bytes = new MemoryStream();
        bytes.Write(head.ToBytes());
        foreach (var (frame, _) in all) bytes.Write(frame);
        return (PackHead.Read(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)), bytes.ToArray());
    }
}
