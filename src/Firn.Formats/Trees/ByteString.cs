using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Firn.Formats.Trees;

/// <summary>
/// A file name, link target or attribute name as Linux has it: bytes, compared bytewise, not necessarily UTF-8.
/// </summary>
public readonly struct ByteString : IEquatable<ByteString>, IComparable<ByteString>
{
    private readonly byte[]? _bytes;    // null is empty

    public ByteString(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    public static ByteString Empty => default;

    public ReadOnlySpan<byte> Span => _bytes;
    public int Length => _bytes is null ? 0 : _bytes.Length;
    public bool IsEmpty => Length == 0;

    /// <summary>Whether bytes can name something in a directory: not empty, <c>.</c> or <c>..</c>, without slash and zero byte.</summary>
    public static bool IsFileName(ReadOnlySpan<byte> bytes) =>
        !bytes.IsEmpty && !bytes.SequenceEqual("."u8) && !bytes.SequenceEqual(".."u8) && bytes.IndexOfAny((byte)'/', (byte)0) < 0;

    public static ByteString From(string text) => new(Encoding.UTF8.GetBytes(text));
    public static implicit operator ByteString(string text) => From(text);

    public int CompareTo(ByteString other) => Span.SequenceCompareTo(other.Span);
    public bool Equals(ByteString other) => Span.SequenceEqual(other.Span);
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is ByteString other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    public static bool operator ==(ByteString left, ByteString right) => left.Equals(right);
    public static bool operator !=(ByteString left, ByteString right) => !left.Equals(right);
    public static bool operator <(ByteString left, ByteString right) => left.CompareTo(right) < 0;
    public static bool operator <=(ByteString left, ByteString right) => left.CompareTo(right) <= 0;
    public static bool operator >(ByteString left, ByteString right) => left.CompareTo(right) > 0;
    public static bool operator >=(ByteString left, ByteString right) => left.CompareTo(right) >= 0;

    /// <summary>For people: UTF-8, with control characters and bytes that are not UTF-8 written as <c>\xNN</c>.</summary>
    public override string ToString()
    {
        if (!Span.ContainsAnyExceptInRange((byte)' ', (byte)'~')) return Encoding.ASCII.GetString(Span);    // nearly all names
        var text = new StringBuilder(Length);
        var rest = Span;
        while (!rest.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(rest, out var rune, out var consumed);
            if (status == System.Buffers.OperationStatus.Done && !Rune.IsControl(rune))
                text.Append(rune.ToString());
            else
                foreach (var unprintable in rest[..consumed])
                    text.Append($"\\x{unprintable:x2}");
            rest = rest[consumed..];
        }
        return text.ToString();
    }
}
