using System.Security.Cryptography;
using Firn.Linux;
using Firn.Linux.Block;
using Firn.Swu.Archives;
using Firn.Swu.Descriptions;

namespace Firn.Swu.Installing;

/// <summary>A raw image for a device that is none of Firn's: written, and read back from the medium.</summary>
internal sealed class DeviceStep(SwuArchive archive, Artefact image) : IStep
{
    public void Check(Action<string> problem, CancellationToken cancellation)
    {
        try
        {
            // refused here if it is mounted
            using var device = BlockDevice.Open(image.Device!, BlockAccess.Exclusive);
            var room = Math.Max(0, device.SizeBytes - image.Offset);
            Payloads.Measure(archive, image, room, cancellation);
        }
        catch (Exception error) when (error is ErrnoException or IOException)
        {
            problem($"images: {image.FileName}: {error.Message}");
        }
    }

    public void Run(CancellationToken cancellation)
    {
        using var device = BlockDevice.Open(image.Device!, BlockAccess.Exclusive);
        using var plain = Payloads.Open(archive, image);
        using var written = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[Payloads.BufferBytes];
        var offset = image.Offset;
        for (int count; (count = plain.Read(buffer)) > 0; offset += count)
        {
            cancellation.ThrowIfCancellationRequested();
            written.AppendData(buffer, 0, count);
            device.Write(offset, buffer.AsSpan(0, count));
        }
        device.DropCache();
        using var kept = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var at = image.Offset; at < offset;)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, offset - at));
            device.Read(at, part);
            kept.AppendData(part);
            at += part.Length;
        }
        if (!kept.GetHashAndReset().AsSpan().SequenceEqual(written.GetHashAndReset()))
            throw new IOException($"{device.Name}: other bytes were read back than were written; the medium is failing");
    }
}
