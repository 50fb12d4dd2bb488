using System.Security.Cryptography;

namespace Firn.Trust.Keys;

/// <summary>One <c>-----BEGIN …-----</c> block among others (RFC 7468).</summary>
internal static class PemBlock
{
    /// <returns>The block with its first and last line; null if there is none with this label.</returns>
    public static string? Find(string text, string label)
    {
        for (var rest = text.AsSpan(); PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
            if (rest[fields.Label].SequenceEqual(label)) return rest[fields.Location].ToString();
        return null;
    }

    public static byte[] Decode(string block) =>
        PemEncoding.TryFind(block, out var fields) ? Convert.FromBase64String(block[fields.Base64Data]) : [];
}
