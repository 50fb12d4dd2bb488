using Firn.Formats.Trees;

namespace Firn.Formats.Cpio;

/// <summary>
/// Reads a "newc" archive up to its trailer, content into memory. The older formats and the one with checksums (070702)
/// are left out, and so is a further archive behind the trailer.
/// </summary>
public static class CpioReader
{
    /// <summary>What an entry says of a name that stands a second time wins, as when it is unpacked.</summary>
    /// <exception cref="InvalidDataException">Not such an archive, or one whose names lead out of it.</exception>
    public static FileTree Read(Stream input)
    {
        var tree = new FileTree();
        var archive = new Archive(input);
        var linked = new Dictionary<(DeviceNumber, uint), FileNode>();
        while (archive.Next() is var (entry, name, content))
        {
            var node = NodeFor(entry, linked);
            Fill(node, entry, content);
            Place(tree.Root, name, node);
        }
        return tree;
    }

    private static FileNode NodeFor(CpioEntry entry, Dictionary<(DeviceNumber, uint), FileNode> linked)
    {
        if (entry.Links < 2 || entry.Kind == FileKind.Directory) return new(entry.Kind);
        var key = (entry.Filesystem, entry.Inode);
        if (linked.TryGetValue(key, out var node) && node.Kind == entry.Kind) return node;
        return linked[key] = new(entry.Kind);
    }

    private static void Fill(FileNode node, CpioEntry entry, byte[] content)
    {
        node.Mode = entry.PermissionBits;
        node.Uid = entry.Uid;
        node.Gid = entry.Gid;
        node.ModifiedSeconds = entry.ModifiedSeconds;
        node.Device = node.Kind is FileKind.CharacterDevice or FileKind.BlockDevice ? entry.Device : default;
        // Of a file with several names one entry has the content, the others are empty.
        if (node.Kind == FileKind.File && content.Length > 0) node.Content = FileContent.Of(content);
        if (node.Kind == FileKind.Symlink) node.LinkTarget = new(content);
    }

    private static void Place(FileNode root, ByteString path, FileNode node)
    {
        var names = Split(path);
        if (names.Count == 0)
        {
            if (!node.IsDirectory) throw new InvalidDataException($"cpio archive: its root is a {node.Kind}");
            CopyAttributes(node, root);
            return;
        }
        var parent = root;
        foreach (var name in names[..^1])
        {
            // The kernel makes no directories by itself; and a few bytes of path cannot make thousands of nodes here.
            if (!parent.Children.TryGetValue(name, out var below) || !below.IsDirectory)
                throw new InvalidDataException($"cpio archive: {path}: {name} is not a directory that came before");
            parent = below;
        }
        var before = parent.Children.GetValueOrDefault(names[^1]);
        if (before is not { IsDirectory: true }) parent.Children[names[^1]] = node;
        else if (node.IsDirectory) CopyAttributes(node, before);
        else throw new InvalidDataException($"cpio archive: {path} is a directory and a {node.Kind}");
    }

    private static void CopyAttributes(FileNode from, FileNode to) =>
        (to.Mode, to.Uid, to.Gid, to.ModifiedSeconds) = (from.Mode, from.Uid, from.Gid, from.ModifiedSeconds);

    private static List<ByteString> Split(ByteString path)
    {
        var names = new List<ByteString>();
        foreach (var range in path.Span.Split((byte)'/'))
        {
            var name = path.Span[range];
            if (name.SequenceEqual(".."u8)) throw new InvalidDataException($"cpio archive: the path {path} leads upwards");
            if (!name.IsEmpty && !name.SequenceEqual("."u8)) names.Add(new(name));
        }
        return names;
    }

    private sealed class Archive(Stream input)
    {
        private const int ChunkBytes = 1 << 16;
        private const int MaximumLinkBytes = 4096;
        private long _offset;

        /// <summary>Null at the trailer.</summary>
        public (CpioEntry Entry, ByteString Name, byte[] Content)? Next()
        {
            var start = _offset;
            var entry = CpioEntry.Read(Take(CpioEntry.Size), start);
            if (entry.NameBytes is 0 or > CpioEntry.MaximumNameBytes)
                throw new InvalidDataException($"cpio archive: name of {entry.NameBytes} bytes at offset {start}");
            var name = Take((int)entry.NameBytes);
            Take(CpioEntry.PaddingAfter(CpioEntry.Size + entry.NameBytes));
            if (name.AsSpan().IndexOf((byte)0) != name.Length - 1)
                throw new InvalidDataException($"cpio archive: the name at offset {start} does not end with its only zero");
            if (name.AsSpan(0, name.Length - 1).SequenceEqual(CpioEntry.Trailer)) return null;
            var limit = entry.Kind switch { FileKind.File => Array.MaxLength, FileKind.Symlink => MaximumLinkBytes, _ => 0 };
            if (entry.SizeBytes > limit)
                throw new InvalidDataException(
                    $"cpio archive: {entry.Kind} of {entry.SizeBytes} bytes at offset {start}, expected at most {limit}");
            var content = Take((int)entry.SizeBytes);
            Take(CpioEntry.PaddingAfter(entry.SizeBytes));
            return (entry, new(name.AsSpan(0, name.Length - 1)), content);
        }

        /// <summary>Memory grows with what is really there, not with what a header promises.</summary>
        private byte[] Take(int count)
        {
            var bytes = new byte[Math.Min(count, ChunkBytes)];
            for (var filled = 0; filled < count;)
            {
                if (filled == bytes.Length) Array.Resize(ref bytes, (int)Math.Min(count, 2L * bytes.Length));
                var read = input.Read(bytes, filled, bytes.Length - filled);
                if (read == 0)
                    throw new InvalidDataException($"cpio archive: ends at offset {_offset + filled}, without a trailer");
                filled += read;
            }
            _offset += count;
            return bytes;
        }
    }
}
