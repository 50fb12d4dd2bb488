using Firn.Formats.Trees;

namespace Firn.Images.Content;

/// <summary>A part of other content: a member of an archive.</summary>
internal sealed class ContentSlice(FileContent whole, long start, long sizeBytes) : FileContent
{
    public override long SizeBytes => sizeBytes;

    public override void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > sizeBytes - destination.Length) throw new EndOfStreamException();
        whole.Read(start + offset, destination);
    }

    public override long NextData(long offset) =>
        Math.Clamp(whole.NextData(start + offset) - start, offset, sizeBytes);
}
