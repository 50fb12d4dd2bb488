using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>Where the names of a directory are. A size of 3 is an empty directory.</summary>
internal readonly record struct ListingPlace(uint Block, int Offset, uint SizeBytes);

/// <summary>Turns inodes into nodes.</summary>
internal sealed class InodeReader
{
    private const int LongestLinkTarget = 4096;    // what Linux reads
    private const int FragmentRowSize = 16;

    private readonly ImageReader _image;
    private readonly MetadataReader _inodes;
    private readonly IndexedTable _fragments;
    private readonly AttributeTableReader? _attributes;
    private readonly uint[] _ids;
    private readonly bool _isListing;

    /// <param name="image">The image.</param>
    /// <param name="isListing">Content, but for its size, and attributes are left out; no inode is asked to be there once.</param>
    public InodeReader(ImageReader image, bool isListing = false)
    {
        (_image, _isListing) = (image, isListing);
        var superblock = image.Superblock;
        _inodes = new(image, "inode", superblock.InodeTable, isKept: !isListing);
        var fragmentTable = superblock.FragmentCount > 0 ? superblock.FragmentTable : SquashFsFormat.SuperblockSize;
        _fragments = new(image, "fragment", fragmentTable, superblock.FragmentCount, FragmentRowSize);
        if (!isListing && superblock.AttributeTable != SquashFsFormat.NoTable) _attributes = new(image);
        var ids = new IndexedTable(image, "id", superblock.IdTable, superblock.IdCount, sizeof(uint));
        _ids = new uint[superblock.IdCount];
        for (var row = 0; row < _ids.Length; row++) _ids[row] = ids.Row((uint)row).ReadUInt32();
    }

    /// <summary>Reads the inode at a place into a new node, or into <paramref name="directory"/>.</summary>
    public FileNode Read(ulong reference, out ListingPlace listing, FileNode? directory = null)
    {
        var cursor = _inodes.At(reference);
        var number = cursor.ReadUInt16();
        var isExtended = number > SquashFsFormat.ExtendedType;
        var type = (InodeType)(isExtended ? number - SquashFsFormat.ExtendedType : number);
        if (type is < InodeType.Directory or > InodeType.Socket) throw _inodes.Invalid($"inode of unknown type {number}");
        if (directory is not null && type != InodeType.Directory) throw _inodes.Invalid("the root is not a directory");

        var node = directory ?? new FileNode(KindOf(type));
        node.Mode = cursor.ReadUInt16() & 0xfffu;
        node.Uid = Id(cursor.ReadUInt16());
        node.Gid = Id(cursor.ReadUInt16());
        node.ModifiedSeconds = cursor.ReadUInt32();
        cursor.ReadUInt32();    // number: names share an inode by sharing its place
        Use(20);    // no inode has less
        listing = default;
        switch (type)
        {
            case InodeType.Directory: listing = ReadDirectory(ref cursor, node, isExtended); break;
            case InodeType.File: ReadFile(ref cursor, node, isExtended); break;
            case InodeType.Symlink: ReadSymlink(ref cursor, node, isExtended); break;
            default: ReadSpecial(ref cursor, node, isExtended); break;
        }
        return node;
    }

    private static FileKind KindOf(InodeType type) => type switch
    {
        InodeType.Directory => FileKind.Directory,
        InodeType.File => FileKind.File,
        InodeType.Symlink => FileKind.Symlink,
        InodeType.BlockDevice => FileKind.BlockDevice,
        InodeType.CharacterDevice => FileKind.CharacterDevice,
        InodeType.Fifo => FileKind.Fifo,
        _ => FileKind.Socket,
    };

    private ListingPlace ReadDirectory(ref MetadataReader.Cursor cursor, FileNode node, bool isExtended)
    {
        if (!isExtended)
        {
            var basicBlock = cursor.ReadUInt32();
            cursor.ReadUInt32();    // links
            var basicSize = cursor.ReadUInt16();
            return new(basicBlock, cursor.ReadUInt16(), basicSize);
        }
        cursor.ReadUInt32();    // links
        var size = cursor.ReadUInt32();
        var block = cursor.ReadUInt32();
        cursor.ReadUInt32();    // parent
        cursor.ReadUInt16();    // length of the index, which only speeds look-ups up
        var offset = cursor.ReadUInt16();
        ReadAttributes(node, cursor.ReadUInt32());
        return new(block, offset, size);
    }

    private void ReadFile(ref MetadataReader.Cursor cursor, FileNode node, bool isExtended)
    {
        ulong start, size;
        uint fragment, fragmentOffset, attributes = SquashFsFormat.NoAttributes;
        if (isExtended)
        {
            start = cursor.ReadUInt64();
            size = cursor.ReadUInt64();
            cursor.ReadUInt64();    // bytes in holes
            cursor.ReadUInt32();    // links
            fragment = cursor.ReadUInt32();
            fragmentOffset = cursor.ReadUInt32();
            attributes = cursor.ReadUInt32();
        }
        else
        {
            start = cursor.ReadUInt32();
            fragment = cursor.ReadUInt32();
            fragmentOffset = cursor.ReadUInt32();
            size = cursor.ReadUInt32();
        }
        var blockSize = (uint)_image.Superblock.BlockSizeBytes;
        if (start > (ulong)_image.Superblock.BytesUsed || size > long.MaxValue)
            throw _inodes.Invalid($"file of {size} bytes at {start}");
        if (_isListing)
        {
            node.Content = new SizeAlone((long)size);
            return;
        }
        var hasFragment = fragment != SquashFsFormat.NoFragment && size % blockSize != 0;
        var blocks = hasFragment ? size / blockSize : size / blockSize + (size % blockSize == 0 ? 0u : 1u);
        var words = cursor.ReadUInt32s((long)blocks);
        Use((long)blocks * sizeof(uint));
        if (size > 0)
            node.Content = new SquashFsContent(_image, (long)size, (long)start, words,
                hasFragment ? ReadFragment(fragment) : default, fragmentOffset);
        ReadAttributes(node, attributes);
    }

    /// <summary>All of them, by number.</summary>
    public List<FragmentBlock> ReadFragments()
    {
        var fragments = new List<FragmentBlock>();    // grows with what is there
        for (var number = 0u; number < _image.Superblock.FragmentCount; number++) fragments.Add(ReadFragment(number));
        return fragments;
    }

    private FragmentBlock ReadFragment(uint number)
    {
        var row = _fragments.Row(number);
        return new((long)row.ReadUInt64(), row.ReadUInt32());
    }

    private void ReadSymlink(ref MetadataReader.Cursor cursor, FileNode node, bool isExtended)
    {
        cursor.ReadUInt32();    // links
        var length = cursor.ReadUInt32();
        if (length is 0 or > LongestLinkTarget) throw _inodes.Invalid($"link target of {length} bytes");
        node.LinkTarget = new(cursor.ReadBytes((int)length));
        if (node.LinkTarget.Span.Contains((byte)0)) throw _inodes.Invalid("link target with a zero byte");
        Use(length);
        if (isExtended) ReadAttributes(node, cursor.ReadUInt32());
    }

    private void ReadSpecial(ref MetadataReader.Cursor cursor, FileNode node, bool isExtended)
    {
        cursor.ReadUInt32();    // links
        if (node.Kind is FileKind.BlockDevice or FileKind.CharacterDevice)
            node.Device = SquashFsFormat.DecodeDevice(cursor.ReadUInt32());
        if (isExtended) ReadAttributes(node, cursor.ReadUInt32());
    }

    private void ReadAttributes(FileNode node, uint set)
    {
        if (_isListing || set == SquashFsFormat.NoAttributes) return;
        node.Attributes = (_attributes ?? throw _inodes.Invalid("attributes in an image without any")).Read(set);
    }

    private void Use(long bytes)
    {
        if (!_isListing) _inodes.Use(bytes);
    }

    private sealed class SizeAlone(long sizeBytes) : FileContent
    {
        public override long SizeBytes => sizeBytes;
        public override void Read(long offset, Span<byte> destination) => throw new NotSupportedException("a listing has no content");
    }

    private uint Id(ushort index) =>
        index < _ids.Length ? _ids[index] : throw _inodes.Invalid($"id {index} of {_ids.Length}");
}
