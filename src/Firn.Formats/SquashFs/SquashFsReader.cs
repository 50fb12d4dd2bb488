using System.Buffers.Binary;
using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>
/// Reads squashfs 4.0 images with zstd, gzip, lz4 or xz compression (Linux' <c>fs/squashfs/squashfs_fs.h</c>). Nothing an image
/// says is believed: reading ends in a tree or in <see cref="InvalidDataException"/>, in bounded time and memory.
/// </summary>
public sealed class SquashFsReader
{
    public const int SuperblockBytes = SquashFsFormat.SuperblockSize;
    public const int MetadataBlockBytes = SquashFsFormat.MetadataBlockSize;

    internal const int MostNames = 4_000_000;
    internal const int DeepestDirectory = 2048;    // more than PATH_MAX can name

    private readonly ImageReader _image;

    private SquashFsReader(ImageReader image) => _image = image;

    public SquashFsSuperblock Superblock => _image.Superblock;

    /// <summary>With what lies behind the filesystem.</summary>
    internal long SizeBytes => _image.SizeBytes;
    internal ImageReader Bytes => _image;

    /// <summary>The level a zstd image says it was compressed with.</summary>
    public int ZstdLevel
    {
        get
        {
            if ((Superblock.Flags & (ushort)SuperblockFlags.CompressorOptions) == 0) return SquashFsFormat.DefaultZstdLevel;
            Span<byte> options = stackalloc byte[2 + sizeof(int)];
            _image.Read(SquashFsFormat.SuperblockSize, options, "compressor options");
            return BinaryPrimitives.ReadInt32LittleEndian(options[2..]);
        }
    }

    /// <summary>The blocks that small files share, by number.</summary>
    internal List<FragmentBlock> ReadFragments() => new InodeReader(_image).ReadFragments();

    /// <param name="image">Is read for as long as files are.</param>
    /// <param name="newZstd">Makes a decompressor; called for each thread.</param>
    /// <param name="newXz">The same for xz; null when such images are not read.</param>
    /// <exception cref="InvalidDataException">Not such an image.</exception>
    public static SquashFsReader Open(
        FileContent image, Func<BlockDecompressor> newZstd, Func<BlockDecompressor>? newXz = null) =>
        new(new ImageReader(image, newZstd, newXz));

    /// <summary>
    /// The image begins at the stream's position and may end before the stream does. The stream stays the caller's, but
    /// is moved about for as long as files are read.
    /// </summary>
    /// <exception cref="InvalidDataException">Not such an image.</exception>
    public static SquashFsReader Open(Stream image, Func<BlockDecompressor> newZstd) =>
        Open(new StreamContent(image), newZstd);

    /// <summary>
    /// All names and inodes. The content of files is read from the image when it is asked for, on any thread; a damaged
    /// block ends that in <see cref="InvalidDataException"/>.
    /// </summary>
    /// <exception cref="InvalidDataException">A table is damaged, or larger than any real one.</exception>
    public FileTree ReadTree() => new TreeReader(_image).Read();

    /// <summary>
    /// The same names, in the order of <see cref="FileTree.Walk()"/>, each told when it is read: memory does not grow with
    /// the image.
    /// </summary>
    /// <param name="withInodes">Whether inodes are read that are no directories.</param>
    /// <param name="visit">Told of each name but the root's.</param>
    /// <exception cref="InvalidDataException">A table is damaged, or larger than any real one; some names were told already.</exception>
    public void ReadNames(bool withInodes, NameVisitor visit) => new NameReader(_image, withInodes, visit).Read();

    private sealed class TreeReader(ImageReader image)
    {
        private readonly InodeReader _inodes = new(image);
        private readonly MetadataReader _listings = new(image, "directory", image.Superblock.DirectoryTable);
        private readonly Dictionary<ulong, FileNode> _known = [];
        private readonly Stack<(FileNode Node, ListingPlace Listing, int Depth)> _unread = new();
        private int _names;

        public FileTree Read()
        {
            var tree = new FileTree();
            var root = _inodes.Read(image.Superblock.RootInode, out var listing, tree.Root);
            _known.Add(image.Superblock.RootInode, root);
            _unread.Push((root, listing, 0));
            while (_unread.TryPop(out var directory)) ReadListing(directory.Node, directory.Listing, directory.Depth);
            return tree;
        }

        private void ReadListing(FileNode directory, ListingPlace place, int depth)
        {
            if (depth > DeepestDirectory) throw _listings.Invalid($"nested more than {DeepestDirectory} deep");
            if (place.SizeBytes <= SquashFsFormat.ListingSizeExcess) return;
            var left = place.SizeBytes - SquashFsFormat.ListingSizeExcess;
            var cursor = _listings.At(place.Block, place.Offset);
            while (left > 0)
            {
                var count = cursor.ReadUInt32() + 1L;
                if (count > SquashFsFormat.EntriesPerHeader) throw _listings.Invalid($"{count} entries behind one header");
                var inodeBlock = cursor.ReadUInt32();
                cursor.ReadUInt32();    // inode number, as in the inode
                Take(ref left, 12);
                for (; count > 0; count--)
                {
                    var inodeOffset = cursor.ReadUInt16();
                    cursor.ReadUInt16();    // inode number
                    var type = (InodeType)cursor.ReadUInt16();
                    var name = ReadName(ref cursor);
                    Take(ref left, 8 + name.Length);
                    Add(directory, name, (ulong)inodeBlock << 16 | inodeOffset, type, depth);
                }
            }
        }

        private void Take(ref uint left, int bytes)
        {
            if (bytes > left) throw _listings.Invalid("an entry goes beyond its listing");
            left -= (uint)bytes;
            _listings.Use(bytes);
        }

        private ByteString ReadName(ref MetadataReader.Cursor cursor)
        {
            var length = cursor.ReadUInt16() + 1;
            if (length > SquashFsFormat.MaximumNameLength) throw _listings.Invalid($"name of {length} bytes");
            var name = new ByteString(cursor.ReadBytes(length));
            if (!ByteString.IsFileName(name.Span)) throw _listings.Invalid($"{name} is not a file name");
            return name;
        }

        private void Add(FileNode directory, ByteString name, ulong reference, InodeType type, int depth)
        {
            if (++_names > MostNames) throw _listings.Invalid($"more than {MostNames} names");
            if (!_known.TryGetValue(reference, out var node))
            {
                if (_known.Count >= image.Superblock.InodeCount)
                    throw _listings.Invalid($"more inodes than the {image.Superblock.InodeCount} there are");
                node = _inodes.Read(reference, out var listing);
                _known.Add(reference, node);
                if (node.IsDirectory) _unread.Push((node, listing, depth + 1));
            }
            else if (node.IsDirectory)
                throw _listings.Invalid($"{name} is a directory that has another name");
            if (InodeWriter.TypeOf(node) != type) throw _listings.Invalid($"{name} is a {node.Kind}, listed as {type}");
            if (!directory.Children.TryAdd(name, node)) throw _listings.Invalid($"{name} is there twice");
        }
    }

    private sealed class StreamContent(Stream stream) : FileContent
    {
        private readonly Lock _gate = new();
        private readonly long _start = stream.Position;

        public override long SizeBytes { get; } = stream.Length - stream.Position;

        public override void Read(long offset, Span<byte> destination)
        {
            lock (_gate)
            {
                stream.Position = _start + offset;
                stream.ReadExactly(destination);
            }
        }
    }
}
