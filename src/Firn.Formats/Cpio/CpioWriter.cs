using Firn.Formats.Trees;

namespace Firn.Formats.Cpio;

/// <summary>
/// Writes a tree as a "newc" archive, the format of initramfs: parents before children, names in byte order, inodes
/// numbered from 1. The content of a hard-linked file stands at its last name, as other writers put it. Extended
/// attributes have no place in the format and are left out.
/// </summary>
public static class CpioWriter
{
    /// <exception cref="InvalidDataException">
    /// Something does not fit: files of 4 GiB, times before 1970 or after 2106, paths of 4096 bytes.
    /// </exception>
    public static void Write(FileTree tree, Stream output) => new Archive(output).Write(tree.Root);

    private readonly record struct Inode(uint Number, uint Names, uint Written);

    private sealed class Archive(Stream output)
    {
        private readonly CpioRecords _records = new(output);
        private readonly Dictionary<FileNode, Inode> _inodes = new(ReferenceEqualityComparer.Instance);
        private readonly byte[] _buffer = new byte[1 << 18];

        public void Write(FileNode root)
        {
            Count(root, depth: 0);
            WriteNode("."u8, root);
            WriteChildren([], root);
            _records.End();
        }

        private void Count(FileNode node, int depth)
        {
            // Of a path too long for the format; found here, before its depth is one for the stack.
            if (depth > CpioEntry.MaximumNameBytes / 2)
                throw new InvalidDataException(
                    $"tree is more than {depth - 1} directories deep: the path is too long in a cpio archive");
            if (!_inodes.TryGetValue(node, out var inode)) inode = new((uint)_inodes.Count + 1, 0, 0);
            _inodes[node] = inode with { Names = inode.Names + 1 };
            foreach (var child in node.Children.Values) Count(child, depth + 1);
        }

        private void WriteChildren(ReadOnlySpan<byte> prefix, FileNode directory)
        {
            foreach (var (name, node) in directory.Children)
            {
                byte[] path = [.. prefix, .. name.Span];
                WriteNode(path, node);
                if (node.IsDirectory) WriteChildren([.. path, (byte)'/'], node);
            }
        }

        private void WriteNode(ReadOnlySpan<byte> path, FileNode node)
        {
            if (Problem(path, node) is { } problem)
                throw new InvalidDataException($"{new ByteString(path)}: {problem} in a cpio archive");
            var inode = _inodes[node] = _inodes[node] with { Written = _inodes[node].Written + 1 };
            var links = node.IsDirectory ? 2 + (uint)node.Children.Values.Count(child => child.IsDirectory) : inode.Names;
            var content = node.Kind == FileKind.Symlink ? FileContent.Of(node.LinkTarget.Span.ToArray()) : node.Content;
            if (node.Kind == FileKind.File && inode.Written < inode.Names) content = FileContent.Empty;
            var mode = CpioEntry.TypeBits(node.Kind) | node.Mode & CpioEntry.PermissionMask;
            _records.Begin(new(
                inode.Number, mode, node.Uid, node.Gid, links, (uint)node.ModifiedSeconds, (uint)content.SizeBytes,
                default, node.Device, (uint)path.Length + 1), path);
            WriteContent(content);
        }

        private static string? Problem(ReadOnlySpan<byte> path, FileNode node) => node switch
        {
            { Content.SizeBytes: > uint.MaxValue } => "a file cannot have 4 GiB or more",
            { ModifiedSeconds: < 0 or > uint.MaxValue } => $"time {node.ModifiedSeconds} cannot be kept",
            { LinkTarget.Length: >= CpioEntry.MaximumNameBytes } => "the link's target is too long",
            _ when path.Length >= CpioEntry.MaximumNameBytes => "the path is too long",
            _ when path.SequenceEqual(CpioEntry.Trailer) => "that name ends it: it cannot stand",
            _ => null,
        };

        private void WriteContent(FileContent content)
        {
            for (var offset = 0L; offset < content.SizeBytes; offset += _buffer.Length)
            {
                var part = _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, content.SizeBytes - offset));
                content.Read(offset, part);
                _records.Write(part);
            }
            _records.EndContent(content.SizeBytes);
        }
    }
}
