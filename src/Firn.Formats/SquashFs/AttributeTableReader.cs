using System.Buffers.Binary;
using System.Collections.Immutable;
using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>Reads the sets of extended attributes, each once.</summary>
internal sealed class AttributeTableReader
{
    private const int SetSize = 16;
    private const int LargestValue = 65536;    // XATTR_SIZE_MAX

    private readonly MetadataReader _pairs;
    private readonly IndexedTable _sets;
    private readonly Dictionary<uint, ImmutableArray<ExtendedAttribute>> _known = [];
    private readonly Dictionary<ulong, ImmutableArray<byte>> _sharedValues = [];

    public AttributeTableReader(ImageReader image)
    {
        Span<byte> header = stackalloc byte[16];
        var position = image.Superblock.AttributeTable;
        image.Read(position, header, "attribute table");
        var pairsPosition = BinaryPrimitives.ReadInt64LittleEndian(header);
        if (pairsPosition < 0 || pairsPosition > image.Superblock.BytesUsed)
            throw ImageReader.Invalid($"attribute table begins at {pairsPosition}");
        _pairs = new(image, "attribute", pairsPosition);
        var count = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        _sets = new(image, "attribute set", position + header.Length, count, SetSize);
    }

    public ImmutableArray<ExtendedAttribute> Read(uint set)
    {
        if (_known.TryGetValue(set, out var attributes)) return attributes;
        var row = _sets.Row(set);
        var pairs = _pairs.At(row.ReadUInt64());
        var count = row.ReadUInt32();
        var read = new SortedDictionary<ByteString, ExtendedAttribute>();
        for (var i = 0u; i < count; i++)
        {
            var attribute = ReadPair(ref pairs);
            if (!read.TryAdd(attribute.Name, attribute)) throw _pairs.Invalid($"{attribute.Name} is in a set twice");
        }
        return _known[set] = [.. read.Values];
    }

    private ExtendedAttribute ReadPair(ref MetadataReader.Cursor pairs)
    {
        var type = pairs.ReadUInt16();
        var prefix = AttributePrefix.OfType(type & ~SquashFsFormat.ValueOutOfLine)
            ?? throw _pairs.Invalid($"attribute of unknown type 0x{type:x}");
        var name = pairs.ReadBytes(pairs.ReadUInt16());
        if (name.Length == 0 || name.Contains((byte)0)) throw _pairs.Invalid("attribute name is empty or has a zero");
        var value = ReadValue(ref pairs);
        // Besides its own place a value may be read as that of others, but as theirs only once.
        _pairs.Use(2 * sizeof(ushort) + name.Length + sizeof(uint) + value.Length, timesUsed: 2);
        if ((type & SquashFsFormat.ValueOutOfLine) != 0) value = ReadShared(value);
        return new(new([.. prefix.Span, .. name]), value);
    }

    private ImmutableArray<byte> ReadValue(ref MetadataReader.Cursor pairs)
    {
        var length = pairs.ReadUInt32();
        if (length > LargestValue) throw _pairs.Invalid($"value of {length} bytes");
        return [.. pairs.ReadBytes((int)length)];
    }

    private ImmutableArray<byte> ReadShared(ImmutableArray<byte> reference)
    {
        if (reference.Length != sizeof(ulong)) throw _pairs.Invalid($"reference of {reference.Length} bytes");
        var place = BinaryPrimitives.ReadUInt64LittleEndian(reference.AsSpan());
        if (_sharedValues.TryGetValue(place, out var value)) return value;
        var pairs = _pairs.At(place);
        value = ReadValue(ref pairs);
        _pairs.Use(value.Length, timesUsed: 2);
        return _sharedValues[place] = value;
    }
}
