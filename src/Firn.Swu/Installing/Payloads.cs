using System.IO.Compression;
using System.Security.Cryptography;
using Firn.Linux.Compression;
using Firn.Swu.Archives;
using Firn.Swu.Descriptions;

namespace Firn.Swu.Installing;

/// <summary>The bytes of artefacts.</summary>
internal static class Payloads
{
    public const int BufferBytes = 1 << 20;

    /// <summary>Compares the stored bytes with the description, all of them.</summary>
    /// <exception cref="InvalidDataException">They are not there, or other ones.</exception>
    public static void Verify(SwuArchive archive, Artefact artefact, CancellationToken cancellation)
    {
        using var stored = archive.Open(MemberOf(archive, artefact));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        for (int count; (count = stored.Read(buffer)) > 0; cancellation.ThrowIfCancellationRequested()) hash.AppendData(buffer, 0, count);
        var found = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (found != artefact.Sha256) throw new InvalidDataException($"{archive.Name}: {artefact.FileName} has SHA-256 {found}, its description says {artefact.Sha256}");
    }

    /// <summary>The bytes as they are to be written. What cannot be unpacked shows while it is read.</summary>
    public static Stream Open(SwuArchive archive, Artefact artefact)
    {
        var stored = archive.Open(MemberOf(archive, artefact));
        return artefact.Packing switch
        {
            Packing.Zlib => OpenDeflated(stored),
            Packing.Zstd => new ZstdDecompressStream(stored),
            _ => stored,
        };
    }

    /// <summary>What is called zlib is most often made by gzip.</summary>
    private static Stream OpenDeflated(Stream stored)
    {
        Span<byte> head = stackalloc byte[2];
        var isGzip = stored.ReadAtLeast(head, 2, throwOnEndOfStream: false) == 2 && head is [0x1f, 0x8b];
        stored.Position = 0;
        return isGzip ? new GZipStream(stored, CompressionMode.Decompress) : new ZLibStream(stored, CompressionMode.Decompress);
    }

    /// <exception cref="InvalidDataException">It has more than that, or cannot be unpacked.</exception>
    public static long Measure(SwuArchive archive, Artefact artefact, long limitBytes, CancellationToken cancellation)
    {
        if (artefact.Packing == Packing.None && MemberOf(archive, artefact).SizeBytes is var known && known <= limitBytes) return known;
        using var plain = Open(archive, artefact);
        var buffer = new byte[BufferBytes];
        long total = 0;
        for (int count; (count = plain.Read(buffer)) > 0; cancellation.ThrowIfCancellationRequested())
            if ((total += count) > limitBytes) throw new InvalidDataException($"{artefact.FileName} has more than the {limitBytes} bytes there is room for");
        return total;
    }

    public static SwuMember MemberOf(SwuArchive archive, Artefact artefact) => archive.Find(artefact.FileName)
        ?? throw new InvalidDataException($"{archive.Name}: {artefact.FileName} is not in it");
}
