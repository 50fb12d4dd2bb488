using System.Buffers.Binary;
using System.Collections.Immutable;
using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>
/// Stores sets of extended attributes, each different set once. A value that an earlier set has is stored as a
/// reference when it is longer than one.
/// </summary>
internal sealed class AttributeTableWriter(BlockCompressor compress)
{
    private readonly record struct StoredSet(ulong Reference, uint Count, uint SizeBytes);

    private readonly MetadataWriter _pairs = new(compress);
    private readonly List<StoredSet> _sets = [];
    private readonly Dictionary<ByteString, uint> _setNumbers = [];
    private readonly Dictionary<ByteString, ulong> _longValues = [];

    /// <summary>The number of the set.</summary>
    public uint Add(ImmutableArray<ExtendedAttribute> attributes)
    {
        if (attributes.IsEmpty) return SquashFsFormat.NoAttributes;
        var identity = Identity(attributes);
        if (_setNumbers.TryGetValue(identity, out var number)) return number;

        var reference = _pairs.Reference;
        var size = attributes.Sum(WritePair);
        _setNumbers.Add(identity, number = (uint)_sets.Count);
        _sets.Add(new(reference, (uint)attributes.Length, (uint)size));
        return number;
    }

    /// <summary>Appends pairs, sets and their index to the image; returns the position of the index.</summary>
    public long EndTable(Stream image, long imageStart)
    {
        if (_sets.Count == 0) return SquashFsFormat.NoTable;
        var pairsPosition = image.Position - imageStart;
        _pairs.EndTable(image, pairsPosition);

        var sets = new MetadataWriter(compress);
        foreach (var set in _sets)
        {
            sets.Write(set.Reference);
            sets.Write(set.Count);
            sets.Write(set.SizeBytes);
        }
        var blocks = sets.EndTable(image, image.Position - imageStart);

        var position = image.Position - imageStart;
        var header = new byte[16 + sizeof(long) * blocks.Length];
        BinaryPrimitives.WriteInt64LittleEndian(header, pairsPosition);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), _sets.Count);
        for (var i = 0; i < blocks.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16 + sizeof(long) * i), blocks[i]);
        image.Write(header);
        return position;
    }

    // Returns the stored size as if the value were in place: what a set's size counts.
    private long WritePair(ExtendedAttribute attribute)
    {
        var (type, nameLength) = AttributePrefix.Of(attribute.Name)!.Value;
        var name = attribute.Name.Span[nameLength..];
        var value = new ByteString(attribute.Value.AsSpan());
        var isStored = _longValues.TryGetValue(value, out var reference);
        _pairs.Write((ushort)(type | (isStored ? SquashFsFormat.ValueOutOfLine : 0)));
        _pairs.Write((ushort)name.Length);
        _pairs.Write(name);
        if (isStored)
        {
            _pairs.Write((uint)sizeof(ulong));
            _pairs.Write(reference);
        }
        else
        {
            if (value.Length > sizeof(ulong)) _longValues.Add(value, _pairs.Reference);
            _pairs.Write((uint)value.Length);
            _pairs.Write(value.Span);
        }
        return 2L * sizeof(ushort) + name.Length + sizeof(uint) + value.Length;
    }

    private static ByteString Identity(ImmutableArray<ExtendedAttribute> attributes)
    {
        var bytes = new List<byte>();
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var attribute in attributes)
        {
            bytes.AddRange(attribute.Name.Span);    // a name ends with the zero it cannot hold
            bytes.Add(0);
            BinaryPrimitives.WriteInt32LittleEndian(length, attribute.Value.Length);
            bytes.AddRange(length);
            bytes.AddRange(attribute.Value.AsSpan());
        }
        return new(bytes.ToArray());
    }
}
