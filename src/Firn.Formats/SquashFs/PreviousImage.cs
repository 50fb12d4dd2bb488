namespace Firn.Formats.SquashFs;

/// <summary>
/// An earlier image whose layout the next one keeps: what did not change stays at its position, as it was compressed.
/// </summary>
/// <param name="image">With the block size and level of the next one.</param>
/// <param name="spool">Empty; holds the new content until it is known how large it is.</param>
public sealed class PreviousImage(SquashFsReader image, Stream spool)
{
    public SquashFsReader Image { get; } = image;
    public Stream Spool { get; } = spool;

    /// <summary>What came of it; null until an image was written.</summary>
    public LayoutReuse? Reuse { get; internal set; }
}

/// <summary>How much of an image stayed where it was.</summary>
/// <param name="KeptBytes">Stored bytes at the position they had.</param>
/// <param name="MovedBytes">Stored bytes that are the same, and moved to where gaps were.</param>
/// <param name="NewBytes">Stored bytes of new content.</param>
/// <param name="GapBytes">Zeros where old content was and nothing was put: at most half a percent of the image.</param>
/// <param name="DeadBytes">In shared blocks that stayed: content, before compression, that no file has any more.</param>
public sealed record LayoutReuse(long KeptBytes, long MovedBytes, long NewBytes, long GapBytes, long DeadBytes);
