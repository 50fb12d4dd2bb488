using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;
using Firn.Formats.Trees;

namespace Firn.Formats.Tar;

/// <summary>
/// The records of a pax extended header: <c>LENGTH KEY=VALUE\n</c>, where the length counts the whole record, so that
/// a value may hold any byte. POSIX.1-2017 pax, "pax Extended Header"; GNU.sparse.* from the manual of GNU tar.
/// </summary>
/// <param name="defaults">Records of global headers, which hold where these say nothing.</param>
internal sealed class PaxRecords(PaxRecords? defaults = null)
{
    private const string SchilyAttribute = "SCHILY.xattr.";
    private const string LibarchiveAttribute = "LIBARCHIVE.xattr.";

    /// <summary>Linux lists at most 64 KiB of names for a file.</summary>
    private const int MaximumAttributes = 4096;

    private readonly Dictionary<string, ReadOnlyMemory<byte>> _values = [];
    private readonly SortedDictionary<ByteString, ImmutableArray<byte>> _attributes = [];
    private readonly List<long> _sparseNumbers = [];

    /// <summary>Offsets and sizes from repeated records (sparse format 0.0), in the order they came.</summary>
    public IReadOnlyList<long> SparseNumbers => _sparseNumbers;

    public bool IsEmpty => _values.Count == 0 && _attributes.Count == 0 && _sparseNumbers.Count == 0;

    /// <summary>Adds the records of a header; they win over those that were there.</summary>
    public void Add(ReadOnlyMemory<byte> data, long offset)
    {
        while (!data.IsEmpty)
        {
            var space = data.Span[..Math.Min(data.Length, 20)].IndexOf((byte)' ');
            if (space <= 0 || TarNumber.ReadDecimal(data.Span[..space]) is not { } length ||
                length < space + 3 || length > data.Length || data.Span[(int)length - 1] != '\n')
                throw Bad(offset, "has a record whose length does not match it");
            var record = data[(space + 1)..((int)length - 1)];
            var equals = record.Span.IndexOf((byte)'=');
            if (equals <= 0) throw Bad(offset, "has a record without a key");
            Add(Encoding.UTF8.GetString(record.Span[..equals]), record.Span[..equals], record[(equals + 1)..], offset);
            data = data[(int)length..];
        }
    }

    public ImmutableArray<ExtendedAttribute> Attributes
    {
        get
        {
            if (defaults is null or { _attributes.Count: 0 }) return Array(_attributes);
            var merged = new SortedDictionary<ByteString, ImmutableArray<byte>>(defaults._attributes);
            foreach (var (name, value) in _attributes) merged[name] = value;
            return Array(merged);
        }
    }

    /// <summary>The value of a key; null when it is absent, or empty: "as if nobody had said it".</summary>
    public ReadOnlyMemory<byte>? Value(string key)
    {
        if (!_values.TryGetValue(key, out var value)) return defaults?.Value(key);
        return value.IsEmpty ? (ReadOnlyMemory<byte>?)null : value;
    }

    public ByteString? Text(string key) => Value(key) is { } value ? new ByteString(value.Span) : (ByteString?)null;

    public long? Number(string key, long offset) => Value(key) is not { } value ? null
        : TarNumber.ReadDecimal(value.Span) ?? throw Bad(offset, $"has a {key} that is not a number");

    private static ImmutableArray<ExtendedAttribute> Array(SortedDictionary<ByteString, ImmutableArray<byte>> attributes) => attributes.Count == 0
        ? []
        : [.. attributes.Select(attribute => new ExtendedAttribute(attribute.Key, attribute.Value))];

    private void Add(string key, ReadOnlySpan<byte> keyBytes, ReadOnlyMemory<byte> value, long offset)
    {
        if (key.StartsWith(SchilyAttribute, StringComparison.Ordinal))
            AddAttribute(keyBytes[SchilyAttribute.Length..], [.. value.Span], offset);
        else if (key.StartsWith(LibarchiveAttribute, StringComparison.Ordinal))
            AddAttribute(Unescape(keyBytes[LibarchiveAttribute.Length..]), FromBase64(value.Span, offset), offset);
        else if (key is "GNU.sparse.offset" or "GNU.sparse.numbytes")
            _sparseNumbers.Add(TarNumber.ReadDecimal(value.Span) ?? throw Bad(offset, $"has a {key} that is not a number"));
        else
            _values[key] = value;
    }

    private void AddAttribute(ReadOnlySpan<byte> name, ImmutableArray<byte> value, long offset)
    {
        if (name.IsEmpty || name.Length > 255 || name.Contains((byte)0) || value.Length > 65536)
            throw Bad(offset, "has an extended attribute that Linux could not hold: its name has 1 to 255 bytes, its value up to 65536");
        _attributes[new(name)] = value;
        if (_attributes.Count > MaximumAttributes) throw Bad(offset, $"has more than {MaximumAttributes} extended attributes");
    }

    /// <summary>libarchive writes bytes other than printable ASCII, and <c>%</c> and <c>=</c>, as <c>%XX</c>.</summary>
    private static byte[] Unescape(ReadOnlySpan<byte> text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && Utf8Parser.TryParse(text.Slice(i + 1, 2), out byte octet, out var used, 'x') && used == 2)
            {
                bytes.Add(octet);
                i += 2;
            }
            else
            {
                bytes.Add(text[i]);
            }
        }
        return [.. bytes];
    }

    private static ImmutableArray<byte> FromBase64(ReadOnlySpan<byte> text, long offset)
    {
        // libarchive leaves the padding out
        byte[] padded = [.. text.TrimEnd((byte)'='), .. "==="u8[..((4 - text.TrimEnd((byte)'=').Length % 4) % 4)]];
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(padded.Length)];
        return Base64.DecodeFromUtf8(padded, bytes, out _, out var written) == System.Buffers.OperationStatus.Done
            ? [.. bytes.AsSpan(0, written)]
            : throw Bad(offset, "has an extended attribute that is not base64");
    }

    private static InvalidDataException Bad(long offset, string what) =>
        new($"tar: extended header at offset {offset} {what}");
}
