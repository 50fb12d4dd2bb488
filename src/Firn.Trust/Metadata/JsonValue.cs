using System.Buffers;
using System.Collections.Immutable;

namespace Firn.Trust.Metadata;

/// <summary>
/// JSON as TUF signs it: texts, whole numbers, true, false, null, lists and objects. Fractions have no canonical form and
/// are refused when read.
/// </summary>
public abstract record JsonValue
{
    private protected JsonValue() { }

    public sealed record Text(string Value) : JsonValue;
    public sealed record Integer(long Value) : JsonValue;
    public sealed record Boolean(bool Value) : JsonValue;
    public sealed record Null : JsonValue;

    public sealed record List(ImmutableArray<JsonValue> Items) : JsonValue
    {
        public bool Equals(List? other) => other is not null && Items.SequenceEqual(other.Items);
        public override int GetHashCode() => Items.Length;
    }

    /// <summary>The one form that signatures and key ids are computed over: "canonical JSON" of TUF 1.0, section 4.2.</summary>
    public byte[] ToCanonicalBytes() => Write(isCanonical: true);

    /// <summary>The form that files have: canonical, but for control characters, which JSON wants escaped.</summary>
    public byte[] ToFileBytes() => Write(isCanonical: false);

    private byte[] Write(bool isCanonical)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        new JsonWriter(output, isCanonical).Write(this);
        return output.WrittenSpan.ToArray();
    }

    public static implicit operator JsonValue(string text) => new Text(text);
    public static implicit operator JsonValue(long number) => new Integer(number);
    public static implicit operator JsonValue(bool claim) => new Boolean(claim);
}
