using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Firn.Formats.Overlays;

/// <summary>
/// Overlays in TXT records: each record is <c>firnovl=I/N:BASE64</c>, its strings joined; the parts 1 to N together are the
/// file. Messages as RFC 1035, section 4.
/// </summary>
public static class DnsTextQuery
{
    private const int HeaderBytes = 12, MaximumParts = 1000;
    private const ushort Text = 16, Internet = 1, RecursionDesired = 0x0100, Truncation = 0x0200, ResponseCode = 0x000f;
    private const string Prefix = "firnovl=";

    /// <param name="id">What the answer must repeat.</param>
    /// <exception cref="InvalidDataException">Not a name.</exception>
    public static byte[] Question(string name, ushort id)
    {
        var message = new List<byte>(HeaderBytes + name.Length + 6);
        Add(id, RecursionDesired, 1, 0, 0, 0);
        foreach (var label in name.TrimEnd('.').Split('.'))
        {
            if (label.Length is 0 or > 63 || !Ascii.IsValid(label)) throw new InvalidDataException($"dns: '{name}' is no name");
            message.Add((byte)label.Length);
            message.AddRange(Encoding.ASCII.GetBytes(label));
        }
        message.Add(0);
        Add(Text, Internet);
        return message.Count <= HeaderBytes + 255 + 4 ? [.. message] : throw new InvalidDataException($"dns: '{name}' is no name");

        void Add(params ReadOnlySpan<ushort> numbers)
        {
            foreach (var number in numbers) message.AddRange([(byte)(number >> 8), (byte)number]);
        }
    }

    /// <summary>Whether the answer had no room in a datagram: ask again over TCP.</summary>
    public static bool IsTruncated(ReadOnlySpan<byte> answer) => answer.Length >= HeaderBytes && (Number(answer, 2) & Truncation) != 0;

    /// <summary>Whether it answers that question at all.</summary>
    public static bool Answers(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> question) =>
        answer.Length >= question.Length && Number(answer, 0) == Number(question, 0) && (answer[2] & 0x80) != 0
        && Number(answer, 4) == 1 && Ascii.EqualsIgnoreCase(answer[HeaderBytes..question.Length], question[HeaderBytes..]);

    /// <summary>The texts of the records, each with its strings joined.</summary>
    /// <param name="answer">One that <see cref="Answers"/> <paramref name="question"/>.</param>
    /// <exception cref="FileNotFoundException">The server knows no such name.</exception>
    /// <exception cref="InvalidDataException">Damaged, or the server failed.</exception>
    public static ImmutableArray<string> Texts(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> question)
    {
        var code = Number(answer, 2) & ResponseCode;
        if (code == 3) throw new FileNotFoundException("dns: no such name");
        if (code != 0) throw new InvalidDataException($"dns: the server answered with code {code}");
        var texts = ImmutableArray.CreateBuilder<string>();
        var at = question.Length;
        for (int left = Number(answer, 6); left > 0; left--)
        {
            at = AfterName(answer, at);
            if (at + 10 > answer.Length) throw Damaged();
            var (type, size) = (Number(answer, at), Number(answer, at + 8));
            at += 10;
            if (size > answer.Length - at) throw Damaged();
            if (type == Text) texts.Add(Joined(answer.Slice(at, size)));
            at += size;
        }
        return texts.ToImmutable();
    }

    /// <summary>The file that the parts are of.</summary>
    /// <exception cref="FileNotFoundException">None of them is a part.</exception>
    /// <exception cref="InvalidDataException">A part is missing or damaged.</exception>
    public static byte[] Assemble(IEnumerable<string> texts)
    {
        string[]? parts = null;
        foreach (var text in texts.Where(text => text.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            var (slash, colon) = (text.IndexOf('/'), text.IndexOf(':'));
            if (slash < 0 || colon < slash || !Parse(text[Prefix.Length..slash], out var number) || !Parse(text[(slash + 1)..colon], out var count)
                || number < 1 || number > count || count > MaximumParts || (parts is not null && parts.Length != count))
                throw new InvalidDataException($"dns: expected {Prefix}I/N:BASE64, each with the same N");
            parts ??= new string[count];
            parts[number - 1] = text[(colon + 1)..];
        }
        if (parts is null) throw new FileNotFoundException($"dns: no TXT record begins with {Prefix}");
        var missing = Array.FindIndex(parts, part => part is null);
        if (missing >= 0) throw new InvalidDataException($"dns: part {missing + 1} of {parts.Length} is missing");
        return OverlayText.FromBase64(Encoding.UTF8.GetBytes(string.Concat(parts)));

        static bool Parse(string digits, out int number) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static string Joined(ReadOnlySpan<byte> strings)
    {
        var text = new StringBuilder();
        while (!strings.IsEmpty)
        {
            if (strings[0] >= strings.Length) throw Damaged();
            text.Append(Encoding.ASCII.GetString(strings.Slice(1, strings[0])));
            strings = strings[(1 + strings[0])..];
        }
        return text.ToString();
    }

    private static int AfterName(ReadOnlySpan<byte> message, int at)
    {
        while (at < message.Length)
        {
            if (message[at] >= 0xc0) return at + 2;    // the rest of the name stands elsewhere
            if (message[at] == 0) return at + 1;
            at += 1 + message[at];
        }
        throw Damaged();
    }

    private static ushort Number(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message[at..]);

    private static InvalidDataException Damaged() => new("dns: the answer is cut off or damaged");
}
