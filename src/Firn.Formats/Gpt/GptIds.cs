using System.Security.Cryptography;
using System.Text;

namespace Firn.Formats.Gpt;

/// <summary>GUIDs that are the same every time an image is built.</summary>
public static class GptIds
{
    /// <summary>
    /// The first 16 bytes of SHA-256 over <paramref name="seed"/>, a zero byte and <paramref name="name"/> (UTF-8), with
    /// version 8 and the variant of RFC 9562 (5.8) set.
    /// </summary>
    public static Guid Derive(string seed, string name)
    {
        // A zero in the seed would let two different pairs give one GUID.
        if (seed.Contains('\0')) throw new ArgumentException("a seed cannot contain a zero character", nameof(seed));
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}\0{name}"))[..16];
        bytes[6] = (byte)(bytes[6] & 0x0f | 0x80);
        bytes[8] = (byte)(bytes[8] & 0x3f | 0x80);
        return new(bytes, bigEndian: true);
    }
}
