using Firn.Formats.Releases;

namespace Firn.Machine.Updates;

/// <summary>Takes an image from its first byte to its last, for want of a block index. What proves it is what is read back.</summary>
internal static class WholeImage
{
    /// <exception cref="InvalidDataException">The source is shorter or longer than the manifest says.</exception>
    public static async Task WriteAsync(
        Stream body, ReleaseImage image, SlotImageWriter writer, RateLimit limit,
        IProgress<long>? progress, OriginCount origins, CancellationToken cancellation)
    {
        for (long offset = 0; offset < image.SizeBytes;)
        {
            var room = await writer.ReserveUpToAsync(image.SizeBytes - offset);
            var part = room[..limit.Portion(room.Length)];
            var count = await body.ReadAtLeastAsync(part, part.Length, throwOnEndOfStream: false, cancellation);
            if (count < part.Length)
                throw new InvalidDataException($"{image.File} ends after {offset + count} of {image.SizeBytes} bytes");
            await limit.ReceivedAsync(count, cancellation);
            writer.Commit(count, wasThere: false);
            origins.AddSource(count);
            offset += count;
            progress?.Report(offset);
        }
        await writer.CompleteAsync();
        if (await body.ReadAsync(new byte[1], cancellation) > 0)
            throw new InvalidDataException($"{image.File} goes on after the {image.SizeBytes} bytes its manifest says");
    }
}
