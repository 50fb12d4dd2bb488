using Firn.Formats.Trees;
using Firn.Linux.Block;

namespace Firn.Machine.Updates;

/// <summary>The first bytes of a device as the content of a file.</summary>
internal sealed class DeviceContent(IBlockDevice device, long sizeBytes) : FileContent
{
    public override long SizeBytes => sizeBytes;
    public override void Read(long offset, Span<byte> destination) => device.Read(offset, destination);
}
