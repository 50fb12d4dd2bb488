using System.Text;

namespace Firn.Formats.Overlays;

/// <summary>
/// The outer form of an overlay file: base64 that can be pasted anywhere, and a signature behind the content: the four
/// lines of a <c>.minisig</c>, over all bytes before them.
/// </summary>
public static class OverlayText
{
    private const int LineCharacters = 64, MaximumSignatureBytes = 16 << 10;

    private static ReadOnlySpan<byte> SignatureBegin => "untrusted comment: "u8;

    /// <summary>Lines of 64 characters, as <c>openssl enc -a</c> writes and reads them.</summary>
    public static byte[] ToBase64(ReadOnlySpan<byte> content)
    {
        var plain = Convert.ToBase64String(content);
        var text = new StringBuilder(plain.Length + plain.Length / LineCharacters + 1);
        for (var at = 0; at < plain.Length; at += LineCharacters)
            text.Append(plain, at, Math.Min(LineCharacters, plain.Length - at)).Append('\n');
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Whether all of it are the characters of base64 and white space.</summary>
    public static bool IsBase64(ReadOnlySpan<byte> content)
    {
        foreach (var octet in content)
            if (!char.IsAsciiLetterOrDigit((char)octet) && octet is not ((byte)'+' or (byte)'/' or (byte)'=' or (byte)'\n' or (byte)'\r' or (byte)' ' or (byte)'\t'))
                return false;
        return !content.IsEmpty;
    }

    /// <exception cref="InvalidDataException">Cut off, or not base64.</exception>
    public static byte[] FromBase64(ReadOnlySpan<byte> text)
    {
        try
        {
            return Convert.FromBase64String(Encoding.ASCII.GetString(text));
        }
        catch (FormatException)
        {
            throw new InvalidDataException("overlay: its base64 text is cut off or damaged");
        }
    }

    /// <summary>The content that is signed, with the line feed that makes the signature begin a line of text.</summary>
    public static byte[] Signable(byte[] content) => IsBase64(content) && content[^1] != '\n' ? [.. content, (byte)'\n'] : content;

    /// <summary>Content, and the text of the signature behind it; null if there is none.</summary>
    public static (ReadOnlyMemory<byte> Content, string? Signature) Split(ReadOnlyMemory<byte> file)
    {
        var from = Math.Max(0, file.Length - MaximumSignatureBytes);
        var begin = file.Span[from..].LastIndexOf(SignatureBegin);
        if (begin < 0 || file.Span[(from + begin)..].Contains((byte)0)) return (file, null);
        return (file[..(from + begin)], Encoding.UTF8.GetString(file.Span[(from + begin)..]));
    }
}
