using System.Security.Cryptography;
using Firn.Linux.Block;

namespace Firn.Machine.Boot;

internal static class DeviceHash
{
    private const int ChunkBytes = 2 << 20;

    /// <summary>SHA-256 of the first bytes of a device, in lower-case hexadecimal. Reads and hashes at the same time.</summary>
    public static string Sha256(
        IBlockDevice device, long lengthBytes, IProgress<long>? progress, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[][] buffers = [new byte[Math.Min(ChunkBytes, lengthBytes)], new byte[Math.Min(ChunkBytes, lengthBytes)]];
        var hashing = Task.CompletedTask;
        for (long offset = 0, chunk = 0; offset < lengthBytes; chunk++)
        {
            cancellation.ThrowIfCancellationRequested();
            var part = buffers[chunk % 2].AsMemory(0, (int)Math.Min(ChunkBytes, lengthBytes - offset));
            device.Read(offset, part.Span);
            hashing.Wait(CancellationToken.None);
            hashing = Task.Run(() => hash.AppendData(part.Span), CancellationToken.None);
            offset += part.Length;
            progress?.Report(offset);
        }
        hashing.Wait(CancellationToken.None);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
