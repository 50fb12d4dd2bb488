namespace Firn.Formats.SquashFs;

/// <summary>Stored bytes that lie in one piece: where they come from, and where they go.</summary>
/// <param name="length">In bytes, more than none.</param>
/// <param name="from">Position in the previous image, or in the spool of what is new.</param>
/// <param name="isNew">Whether they are in the spool.</param>
internal sealed class DataRun(long length, long from, bool isNew)
{
    public long Length { get; } = length;
    public long From { get; } = from;
    public bool IsNew { get; } = isNew;

    /// <summary>In the image; where it was, as long as nobody moves it.</summary>
    public long Position { get; set; } = from;
    public long End => Position + Length;
}
