using Firn.Formats.Trees;
using Microsoft.Win32.SafeHandles;

namespace Firn.Images.Content;

/// <summary>A file of the machine that builds, opened for as long as the build lasts.</summary>
internal sealed class HostFile : FileContent, IDisposable
{
    private readonly SafeFileHandle _file;

    public HostFile(string path)
    {
        _file = File.OpenHandle(path);
        SizeBytes = RandomAccess.GetLength(_file);
    }

    public override long SizeBytes { get; }

    public override void Read(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var read = RandomAccess.Read(_file, destination, offset);
            if (read == 0) throw new EndOfStreamException();
            offset += read;
            destination = destination[read..];
        }
    }

    public void Dispose() => _file.Dispose();
}
