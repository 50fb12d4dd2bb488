namespace Firn.Trust.Minisign;

/// <summary>The files of minisign: lines of comments and base64. https://jedisct1.github.io/minisign/#signature-format</summary>
internal static class MinisignText
{
    public const string UntrustedComment = "untrusted comment: ";
    public const string TrustedComment = "trusted comment: ";
    public const int KeyIdBytes = 8;

    /// <summary>No file of minisign's is longer; the tool itself limits comments to 8 KiB.</summary>
    public const int MaximumBytes = 64 << 10;

    /// <exception cref="InvalidDataException">Not base64, or of another length.</exception>
    public static byte[] Decode(string line, int sizeBytes, string subject)
    {
        var bytes = new byte[sizeBytes];
        return Convert.TryFromBase64String(line.Trim(), bytes, out var count) && count == sizeBytes
            ? bytes
            : throw new InvalidDataException($"{subject}: expected base64 of {sizeBytes} bytes");
    }

    /// <summary>Key ids as minisign prints them: the bytes are a little-endian number.</summary>
    public static string NameOf(ReadOnlySpan<byte> keyId) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(keyId).ToString("X16", System.Globalization.CultureInfo.InvariantCulture);
}
