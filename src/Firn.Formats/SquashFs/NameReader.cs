using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>
/// Reads the names of an image as they are stored, without a tree of them: parents before children, in byte order, which
/// Linux asks of a listing too. Memory does not grow with the image.
/// </summary>
internal sealed class NameReader(ImageReader image, bool withInodes, NameVisitor visit)
{
    private readonly InodeReader _inodes = new(image, isListing: true);
    private readonly MetadataReader _listings = new(image, "directory", image.Superblock.DirectoryTable, isKept: false);
    private readonly NumberTable _directories = new();
    private byte[] _path = new byte[4096];
    private int _names;

    /// <summary>A directory whose names are being read.</summary>
    private sealed class Level(Level? parent, MetadataReader.Cursor cursor, uint bytesLeft, int pathLength)
    {
        public MetadataReader.Cursor Cursor = cursor;    // a field: it moves on
        public uint BytesLeft = bytesLeft;
        public Level? Parent { get; } = parent;
        public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;
        /// <summary>Of the directory, with a slash behind it.</summary>
        public int PathLength { get; } = pathLength;
        public byte[] LastName { get; } = new byte[SquashFsFormat.MaximumNameLength];
        public int LastNameLength { get; set; }
        public uint InodeBlock { get; set; }
        public long EntriesLeft { get; set; }
    }

    /// <exception cref="InvalidDataException">A table is damaged, or larger than any real one; some names were told already.</exception>
    public void Read()
    {
        var rootInode = image.Superblock.RootInode;
        var root = _inodes.Read(rootInode, out var listing);
        if (!root.IsDirectory) throw _listings.Invalid("the root is not a directory");
        _directories.Put((long)rootInode, root);
        for (var level = Enter(null, listing, pathLength: 0); level is not null;)
            level = level.EntriesLeft == 0 && !ReadHeader(level) ? level.Parent : ReadEntry(level);
    }

    private Level? Enter(Level? parent, ListingPlace place, int pathLength)
    {
        if (parent?.Depth >= SquashFsReader.DeepestDirectory) throw _listings.Invalid($"nested more than {SquashFsReader.DeepestDirectory} deep");
        if (place.SizeBytes <= SquashFsFormat.ListingSizeExcess) return parent;
        return new(parent, _listings.At(place.Block, place.Offset), place.SizeBytes - SquashFsFormat.ListingSizeExcess, pathLength);
    }

    private bool ReadHeader(Level level)
    {
        if (level.BytesLeft == 0) return false;
        level.EntriesLeft = level.Cursor.ReadUInt32() + 1L;
        if (level.EntriesLeft > SquashFsFormat.EntriesPerHeader) throw _listings.Invalid($"{level.EntriesLeft} entries behind one header");
        level.InodeBlock = level.Cursor.ReadUInt32();
        level.Cursor.ReadUInt32();    // inode number, as in the inode
        Take(level, 12);
        return true;
    }

    // The directory to go on with: the one that was read, or this.
    private Level ReadEntry(Level level)
    {
        level.EntriesLeft--;
        var reference = (ulong)level.InodeBlock << 16 | level.Cursor.ReadUInt16();
        level.Cursor.ReadUInt16();    // inode number
        var type = (InodeType)level.Cursor.ReadUInt16();
        var end = ReadName(level);
        if (type is < InodeType.Directory or > InodeType.Socket) throw _listings.Invalid($"inode of unknown type {(int)type}");
        if (++_names > SquashFsReader.MostNames) throw _listings.Invalid($"more than {SquashFsReader.MostNames} names");
        if (!withInodes && type != InodeType.Directory)
        {
            visit(_path.AsSpan(0, end), null);
            return level;
        }
        var inode = _inodes.Read(reference, out var listing);
        if (InodeWriter.TypeOf(inode) != type) throw _listings.Invalid($"{Name(level)} is a {inode.Kind}, listed as {type}");
        if (inode.IsDirectory && !_directories.Put((long)reference, inode)) throw _listings.Invalid($"{Name(level)} is a directory that has another name");
        visit(_path.AsSpan(0, end), withInodes ? inode : null);
        if (!inode.IsDirectory) return level;
        _path[end] = (byte)'/';
        return Enter(level, listing, end + 1) ?? level;
    }

    // Puts it behind the directory's path, and returns where it ends.
    private int ReadName(Level level)
    {
        var length = level.Cursor.ReadUInt16() + 1;
        if (length > SquashFsFormat.MaximumNameLength) throw _listings.Invalid($"name of {length} bytes");
        var end = level.PathLength + length;
        if (end >= _path.Length) Array.Resize(ref _path, 2 * end);
        var name = _path.AsSpan(level.PathLength, length);
        level.Cursor.Read(name);
        Take(level, 8 + length);
        if (!ByteString.IsFileName(name)) throw _listings.Invalid($"{new ByteString(name)} is not a file name");
        if (name.SequenceCompareTo(level.LastName.AsSpan(0, level.LastNameLength)) <= 0)
            throw _listings.Invalid($"{new ByteString(name)} is there twice, or out of order");
        name.CopyTo(level.LastName);
        level.LastNameLength = length;
        return end;
    }

    private void Take(Level level, int bytes)
    {
        if (bytes > level.BytesLeft) throw _listings.Invalid("an entry goes beyond its listing");
        level.BytesLeft -= (uint)bytes;
        _listings.Use(bytes);
    }

    private static string Name(Level level) => new ByteString(level.LastName.AsSpan(0, level.LastNameLength)).ToString();
}
