using Firn.Formats.Trees;
using Firn.Linux.Files;

namespace Firn.Machine.Etc;

/// <summary>The bytes of a file on disk, opened only while they are read.</summary>
internal sealed class DirectoryContent(RawPath path, long sizeBytes) : FileContent
{
    public override long SizeBytes => sizeBytes;

    public override void Read(long offset, Span<byte> destination)
    {
        using var handle = RawFiles.OpenRead(path);
        while (!destination.IsEmpty)
        {
            var count = RandomAccess.Read(handle, destination, offset);
            if (count == 0) throw new EndOfStreamException($"{path} ends at byte {offset}, expected {sizeBytes}");
            destination = destination[count..];
            offset += count;
        }
    }
}
