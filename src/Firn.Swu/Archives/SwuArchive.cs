using System.Text;
using Firn.Formats.Cpio;
using Firn.Formats.Trees;
using Firn.Linux.Block;
using Firn.Swu.Descriptions;

namespace Firn.Swu.Archives;

/// <summary>
/// A .swu file: a cpio archive of the format "newc" or "crc", in which description and signature stand first. Only headers are
/// read; sums of the format "crc" are left alone, for the description has better ones. docs/formats/swu.md.
/// </summary>
public sealed class SwuArchive
{
    private const int MaximumMembers = 1024;
    private const int MaximumNameBytes = 255;
    private const int MaximumSignatureBytes = 64 << 10;

    private readonly IBlockDevice _file;
    private readonly Dictionary<string, SwuMember> _members = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">Not a .swu file, or one that is damaged or cut off.</exception>
    public SwuArchive(IBlockDevice file)
    {
        _file = file;
        var first = new List<string>();
        for (long offset = 0; Next(ref offset) is { } member;)
        {
            if (_members.Count == MaximumMembers) throw new InvalidDataException($"{Name}: more than {MaximumMembers} files");
            if (!_members.TryAdd(member.Name, member)) throw new InvalidDataException($"{Name}: '{member.Name}' is in it twice");
            first.Add(member.Name);
        }
        if (first is not [SwuNames.Description, ..]) throw new InvalidDataException($"{Name}: {SwuNames.Description} is not the first file in it");
        Description = ReadAll(_members[SwuNames.Description], DescriptionReader.MaximumBytes);
        // as SWUpdate: it could not stand elsewhere in a stream
        if (first is [_, SwuNames.Signature, ..]) Signature = ReadAll(_members[SwuNames.Signature], MaximumSignatureBytes);
    }

    public string Name => _file.Name;

    /// <summary>What the signature is of.</summary>
    public byte[] Description { get; }

    /// <summary>Null if nobody signed it.</summary>
    public byte[]? Signature { get; }

    public SwuMember? Find(string name) => _members.GetValueOrDefault(name);

    /// <summary>The bytes of a file as they are stored.</summary>
    public Stream Open(SwuMember member) => new BlockDeviceStream(Part(member));

    /// <inheritdoc cref="Open"/>
    public IBlockDevice Part(SwuMember member) => new BlockDeviceSlice(_file, member.Name, member.Offset, member.SizeBytes);

    private byte[] ReadAll(SwuMember member, int limitBytes)
    {
        if (member.SizeBytes > limitBytes) throw new InvalidDataException($"{Name}: {member.Name} has {member.SizeBytes} bytes, at most {limitBytes} are taken");
        var bytes = new byte[member.SizeBytes];
        _file.Read(member.Offset, bytes);
        return bytes;
    }

    private SwuMember? Next(ref long offset)
    {
        var start = offset;
        var entry = CpioEntry.Read(Read(ref offset, CpioEntry.Size), start, takesChecksums: true);
        if (entry.NameBytes is 0 or > MaximumNameBytes) throw new InvalidDataException($"{Name}: a name of {entry.NameBytes} bytes at offset {start}");
        var name = Read(ref offset, (int)entry.NameBytes);
        offset += CpioEntry.PaddingAfter(CpioEntry.Size + entry.NameBytes);
        if (name.AsSpan(0, name.Length - 1).SequenceEqual(CpioEntry.Trailer)) return null;
        if (name[^1] != 0 || name.AsSpan(0, name.Length - 1).ContainsAnyExceptInRange((byte)'!', (byte)'~') || name.AsSpan().Contains((byte)'/') || name.Length < 2)
            throw new InvalidDataException($"{Name}: the name at offset {start} is not a plain one");
        if (entry.Kind != FileKind.File) throw new InvalidDataException($"{Name}: the entry at offset {start} is not a file");
        if (entry.SizeBytes > _file.SizeBytes - offset) throw new InvalidDataException($"{Name}: ends within the file at offset {start}");
        var member = new SwuMember(Encoding.ASCII.GetString(name, 0, name.Length - 1), offset, entry.SizeBytes);
        offset += entry.SizeBytes + CpioEntry.PaddingAfter(entry.SizeBytes);
        return member;
    }

    private byte[] Read(ref long offset, int count)
    {
        if (count > _file.SizeBytes - offset) throw new InvalidDataException($"{Name}: ends at byte {_file.SizeBytes}, without a trailer");
        var bytes = new byte[count];
        _file.Read(offset, bytes);
        offset += count;
        return bytes;
    }
}
