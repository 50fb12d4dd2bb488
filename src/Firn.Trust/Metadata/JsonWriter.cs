using System.Buffers;
using System.Globalization;
using System.Text;

namespace Firn.Trust.Metadata;

/// <param name="output">Gets UTF-8.</param>
/// <param name="isCanonical">
/// Escapes nothing but quotes and backslashes. That is no JSON where a text has control characters, so it is for signing only.
/// </param>
internal readonly struct JsonWriter(ArrayBufferWriter<byte> output, bool isCanonical)
{
    public void Write(JsonValue value)
    {
        switch (value)
        {
            case JsonValue.Text text: WriteText(text.Value); break;
            case JsonValue.Integer number: WriteInteger(number.Value); break;
            case JsonValue.Boolean claim: output.Write(claim.Value ? "true"u8 : "false"u8); break;
            case JsonValue.Null: output.Write("null"u8); break;
            case JsonValue.List list: WriteList(list); break;
            case JsonObject members: WriteObject(members); break;
        }
    }

    private void WriteInteger(long number)
    {
        number.TryFormat(output.GetSpan(20), out var count, default, CultureInfo.InvariantCulture);
        output.Advance(count);
    }

    private void WriteList(JsonValue.List list)
    {
        output.Write("["u8);
        for (var i = 0; i < list.Items.Length; i++)
        {
            if (i > 0) output.Write(","u8);
            Write(list.Items[i]);
        }
        output.Write("]"u8);
    }

    private void WriteObject(JsonObject members)
    {
        output.Write("{"u8);
        for (var i = 0; i < members.Count; i++)
        {
            if (i > 0) output.Write(","u8);
            WriteText(members[i].Name);
            output.Write(":"u8);
            Write(members[i].Value);
        }
        output.Write("}"u8);
    }

    private void WriteText(string text)
    {
        output.Write("\""u8);
        var rest = text.AsSpan();
        while (NextEscape(rest) is var plain and >= 0)
        {
            WritePlain(rest[..plain]);
            WriteEscape(rest[plain]);
            rest = rest[(plain + 1)..];
        }
        WritePlain(rest);
        output.Write("\""u8);
    }

    private int NextEscape(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
            if (text[i] is '"' or '\\' || (text[i] < ' ' && !isCanonical)) return i;
        return -1;
    }

    private void WritePlain(ReadOnlySpan<char> text) => Encoding.UTF8.GetBytes(text, output);

    private void WriteEscape(char character)
    {
        if (character is '"' or '\\') output.Write([(byte)'\\', (byte)character]);
        else WritePlain(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"));
    }
}
