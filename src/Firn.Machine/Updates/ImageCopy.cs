using System.Security.Cryptography;
using Firn.Formats.Releases;
using Firn.Linux.Block;

namespace Firn.Machine.Updates;

/// <summary>Copies an image to a device. Reading, hashing and writing overlap; two chunks are held, whatever the size.</summary>
internal static class ImageCopy
{
    public const int ChunkBytes = 2 << 20;

    /// <summary>
    /// Writes all of an image but its first <paramref name="heldBackBytes"/>, which are returned once the whole image
    /// has proven to be what the manifest says.
    /// </summary>
    /// <exception cref="InvalidDataException">The source is shorter, longer or other than the manifest says.</exception>
    public static async Task<byte[]> RunAsync(
        Stream source, ReleaseImage image, IBlockDevice target, int heldBackBytes,
        IProgress<long>? progress, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[][] buffers = [new byte[ChunkBytes], new byte[ChunkBytes]];
        byte[] heldBack = [];

        var reading = ReadAsync(0);
        for (long offset = 0, chunk = 0; offset < image.SizeBytes; chunk++)
        {
            var part = await reading;
            var next = offset + part.Length;
            reading = next < image.SizeBytes ? ReadAsync(next) : Task.FromResult(Memory<byte>.Empty);
            var hashing = Task.Run(() => hash.AppendData(part.Span), CancellationToken.None);
            try
            {
                if (offset == 0) heldBack = part[..Math.Min(heldBackBytes, part.Length)].ToArray();
                var skipped = offset == 0 ? heldBack.Length : 0;
                target.Write(offset + skipped, part.Span[skipped..]);
            }
            finally
            {
                await hashing;
            }
            offset = next;
            progress?.Report(offset);
        }
        await CheckAsync();
        return heldBack;

        async Task<Memory<byte>> ReadAsync(long offset)
        {
            var part = buffers[offset / ChunkBytes % 2].AsMemory(0, (int)Math.Min(ChunkBytes, image.SizeBytes - offset));
            var count = await source.ReadAtLeastAsync(part, part.Length, throwOnEndOfStream: false, cancellation);
            return count == part.Length
                ? part
                : throw new InvalidDataException($"{image.File} ends after {offset + count} of {image.SizeBytes} bytes");
        }

        async Task CheckAsync()
        {
            if (await source.ReadAsync(new byte[1], cancellation) > 0)
                throw new InvalidDataException($"{image.File} goes on after the {image.SizeBytes} bytes its manifest says");
            var found = Convert.ToHexStringLower(hash.GetHashAndReset());
            if (found != image.Sha256)
                throw new InvalidDataException($"{image.File} has SHA-256 {found}, its manifest says {image.Sha256}");
        }
    }
}
