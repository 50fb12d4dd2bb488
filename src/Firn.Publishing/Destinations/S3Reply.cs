using System.Globalization;
using Firn.Publishing.Storage;

namespace Firn.Publishing.Destinations;

/// <summary>The few fields that matter of the XML a store answers with; "Amazon S3 API Reference".</summary>
internal static class S3Reply
{
    /// <summary>What is between the first <c>&lt;NAME&gt;</c> and its end; null if there is none.</summary>
    public static string? Field(string xml, string name) => Fields(xml, name).FirstOrDefault();

    public static IEnumerable<string> Fields(string xml, string name)
    {
        var (opening, closing) = ($"<{name}>", $"</{name}>");
        for (var at = 0; ;)
        {
            var begin = xml.IndexOf(opening, at, StringComparison.Ordinal);
            var end = begin < 0 ? -1 : xml.IndexOf(closing, begin, StringComparison.Ordinal);
            if (end < 0) yield break;
            yield return Decode(xml[(begin + opening.Length)..end]);
            at = end;
        }
    }

    /// <summary>A page of ListObjectsV2, with keys encoded as in URLs.</summary>
    /// <exception cref="InvalidDataException">Not such a page.</exception>
    public static IEnumerable<StoredFile> Files(string xml, string prefix) => RawFields(xml, "Contents").Select(entry =>
    {
        var key = Uri.UnescapeDataString(Field(entry, "Key") ?? "");
        return key.StartsWith(prefix, StringComparison.Ordinal)
            && long.TryParse(Field(entry, "Size"), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            && DateTimeOffset.TryParse(Field(entry, "LastModified"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var written)
                ? new StoredFile(key[prefix.Length..], size, written)
                : throw new InvalidDataException($"S3: '{entry}' in a list is no object below {prefix}");
    });

    public static string Encode(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("\"", "&quot;");

    private static string Decode(string text) => text.Replace("&quot;", "\"").Replace("&#34;", "\"").Replace("&lt;", "<").Replace("&gt;", ">").Replace("&amp;", "&");

    private static IEnumerable<string> RawFields(string xml, string name) =>
        xml.Split($"<{name}>").Skip(1).Select(part => part.Split($"</{name}>")[0]);
}
