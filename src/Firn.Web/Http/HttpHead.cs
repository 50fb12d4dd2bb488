using System.Buffers;
using System.Globalization;
using System.Text;

namespace Firn.Web.Http;

/// <summary>
/// The head of a request of HTTP/1.1, RFC 9112, and nothing that two programs could understand differently: no folded lines, no name
/// twice, no body without a length.
/// </summary>
/// <param name="Path">Begins with <c>/</c>; escapes are left as they are, for no path of ours has any.</param>
/// <param name="Query">Behind the question mark, without it.</param>
/// <param name="LengthBytes">Of the body.</param>
public sealed record HttpHead(string Method, string Path, string Query, long? LengthBytes, IReadOnlyDictionary<string, string> Fields)
{
    /// <summary>What browsers send is below 2 KiB.</summary>
    public const int LimitBytes = 8192;

    private const int FieldLimit = 64, LengthDigits = 18;

    // RFC 9110, 5.6.2
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public string? this[string name] => Fields.GetValueOrDefault(name);

    /// <summary>Whether a body follows only when we say so.</summary>
    public bool ExpectsContinue => "100-continue".Equals(this["Expect"], StringComparison.OrdinalIgnoreCase);

    /// <param name="bytes">Up to the empty line, without it.</param>
    /// <exception cref="HttpProblemException">It is not one, or asks for what is not done here.</exception>
    public static HttpHead Read(ReadOnlySpan<byte> bytes)
    {
        // bytes above ASCII stay apart from each other, and from all that is looked for
        var lines = Encoding.Latin1.GetString(bytes).Split("\r\n");
        if (lines[0].Split(' ') is not [var method, var target, var version] || !IsToken(method)) throw Wrong("its first line is none of HTTP");
        if (version != "HTTP/1.1") throw new HttpProblemException(505, "the version is not HTTP/1.1");
        if (!target.StartsWith('/') || target.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0) throw Wrong("its target is no path");
        if (lines.Length - 1 > FieldLimit) throw new HttpProblemException(431, $"more than {FieldLimit} fields");
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':');
            if (colon < 0 || !IsToken(line.AsSpan(0, colon))) throw Wrong("a line is no field");
            var value = line[(colon + 1)..].Trim(' ', '\t');
            foreach (var character in value)
                if (character is < ' ' and not '\t' or '\x7f') throw Wrong($"the field {line[..colon]} has a control character");
            if (!fields.TryAdd(line[..colon], value)) throw Wrong($"the field {line[..colon]} comes twice");
        }
        if (!fields.ContainsKey("Host")) throw Wrong("the field Host is missing");
        if (fields.ContainsKey("Transfer-Encoding")) throw new HttpProblemException(501, "a body must come with its length");
        var question = target.IndexOf('?');
        return new(method, question < 0 ? target : target[..question], question < 0 ? "" : target[(question + 1)..], Length(fields), fields);
    }

    /// <summary>One of the values that a browser keeps for us.</summary>
    public string? Cookie(string name)
    {
        foreach (var pair in (this["Cookie"] ?? "").Split(';', StringSplitOptions.TrimEntries))
            if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.Ordinal)) return pair[(name.Length + 1)..];
        return null;
    }

    private static long? Length(Dictionary<string, string> fields)
    {
        if (!fields.TryGetValue("Content-Length", out var text)) return null;
        return text.Length is > 0 and <= LengthDigits && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length
            : throw Wrong("its length is no number");
    }

    private static bool IsToken(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExcept(TokenCharacters);

    private static HttpProblemException Wrong(string reason) => new(400, $"the request cannot be understood: {reason}");
}
