using Firn.Formats.Trees;
using Microsoft.Win32.SafeHandles;

namespace Firn.Images.Content;

/// <summary>The bytes of a file that someone else keeps open.</summary>
internal sealed class OpenFile(SafeFileHandle file) : FileContent
{
    public override long SizeBytes { get; } = RandomAccess.GetLength(file);

    public override void Read(long offset, Span<byte> destination) => ReadFully(file, offset, destination);

    /// <exception cref="EndOfStreamException">The file ends before.</exception>
    public static void ReadFully(SafeFileHandle file, long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var read = RandomAccess.Read(file, destination, offset);
            if (read == 0) throw new EndOfStreamException();
            offset += read;
            destination = destination[read..];
        }
    }
}
