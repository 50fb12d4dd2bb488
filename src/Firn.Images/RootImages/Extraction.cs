using System.Runtime.ExceptionServices;
using Firn.Formats.SquashFs;
using Firn.Formats.Trees;
using Firn.Images.Building;
using Firn.Linux;
using Firn.Linux.Files;

namespace Firn.Images.RootImages;

/// <summary>
/// Writes a tree into a directory that is empty or not there. The tree may come from a stranger: nothing is written
/// outside of the directory, which nobody else can enter before all is done. Root gets all that the tree says; others get
/// files of their own without set-id bits, and no devices.
/// </summary>
public sealed class Extraction
{
    private const int BufferBytes = 1 << 20;

    private readonly FileTree _tree;
    private readonly bool _isRoot = Environment.IsPrivilegedProcess;
    private readonly IProgress<BuildProgress>? _progress;
    private readonly List<Item> _files = [];
    private readonly List<Item> _links = [];
    private readonly SortedDictionary<string, (string First, int Count)> _refused = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private int _names, _nextFile;
    private long _doneBytes, _totalBytes;
    private ExceptionDispatchInfo? _failure;

    private Extraction(FileTree tree, IProgress<BuildProgress>? progress) => (_tree, _progress) = (tree, progress);

    /// <summary>A directory of the tree, and those above it.</summary>
    private sealed record Folder(Folder? Parent, ByteString Name, FileNode Node)
    {
        public string Path => Parent is null ? "" : $"{Parent.Path}/{Name}";
    }

    /// <param name="Folder">It is in.</param>
    /// <param name="Name">There.</param>
    /// <param name="Node">What to make.</param>
    /// <param name="Existing">Where the node was made already, for a hard link.</param>
    private sealed record Item(Folder Folder, ByteString Name, FileNode Node, Item? Existing = null);

    /// <exception cref="IOException">The directory has something in it, or it cannot be written.</exception>
    /// <exception cref="InvalidDataException">A content of the tree is damaged.</exception>
    public static ExtractionReport Run(FileTree tree, string directory, int threads, IProgress<BuildProgress>? progress = null)
    {
        if (Directory.Exists(directory))
        {
            if (Directory.EnumerateFileSystemEntries(directory).Any())
                throw new IOException($"{directory}: is not empty; name a directory that is, or that is not there");
        }
        else Directory.CreateDirectory(directory);
        using var root = DirectoryHandle.Open(directory);
        return new Extraction(tree, progress).Run(root, threads);
    }

    private ExtractionReport Run(DirectoryHandle root, int threads)
    {
        root.SetMode("."u8, 0x1c0);
        MakeFolders(root);
        _totalBytes = _files.Sum(item => item.Node.Content.SizeBytes);
        _files.Sort((left, right) => Place(left).CompareTo(Place(right)));
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() => WriteFiles(root)) { IsBackground = true }).ToList();
        foreach (var worker in workers) worker.Start();
        foreach (var worker in workers) worker.Join();
        _failure?.Throw();
        MakeLinks(root);
        DescribeFolders(root);
        return new(_names, _totalBytes, [.. _refused.Select(entry => entry.Value.Count == 1
            ? $"{entry.Value.First}: {entry.Key}"
            : $"{entry.Value.First} and {entry.Value.Count - 1} others: {entry.Key}")]);
    }

    private static (long, long) Place(Item item) => item.Node.Content is SquashFsContent content ? content.Place : default;

    // Everything but files, links and what describes directories.
    private void MakeFolders(DirectoryHandle root)
    {
        var made = new Dictionary<FileNode, Item>(ReferenceEqualityComparer.Instance);
        var unread = new Stack<Folder>();
        unread.Push(new(null, default, _tree.Root));
        using var opened = new OpenFolders(root);
        while (unread.TryPop(out var folder))
        {
            var directory = opened.Get(folder);
            foreach (var (name, node) in folder.Node.Children)
            {
                _names++;
                if (node.IsDirectory)
                {
                    directory.MakeDirectory(name.Span);
                    unread.Push(new(folder, name, node));
                    continue;
                }
                var item = new Item(folder, name, node);
                if (made.TryGetValue(node, out var existing)) _links.Add(item with { Existing = existing });
                else if (node.Kind == FileKind.File) _files.Add(item);
                else if (!MakeSpecial(directory, item)) continue;
                made.TryAdd(node, item);
            }
        }
    }

    private bool MakeSpecial(DirectoryHandle directory, Item item)
    {
        var name = item.Name.Span;
        var node = item.Node;
        switch (node.Kind)
        {
            case FileKind.Symlink: directory.MakeSymlink(name, node.LinkTarget.Span); break;
            case FileKind.Fifo: directory.MakeNode(name, FileType.Fifo); break;
            case FileKind.Socket: directory.MakeNode(name, FileType.Socket); break;
            case var _ when !_isRoot:
                _names--;
                Refuse(item, "left out: only root makes devices");
                return false;
            case FileKind.CharacterDevice: directory.MakeNode(name, FileType.CharacterDevice, node.Device.Major, node.Device.Minor); break;
            default: directory.MakeNode(name, FileType.BlockDevice, node.Device.Major, node.Device.Minor); break;
        }
        Describe(directory, item);
        return true;
    }

    private void WriteFiles(DirectoryHandle root)
    {
        try
        {
            using var opened = new OpenFolders(root);
            var buffer = new byte[BufferBytes];
            while (_failure is null && Take() is { Count: > 0 } batch)
                foreach (var item in batch) WriteFile(opened.Get(item.Folder), item, buffer);
        }
        catch (Exception exception)    // thrown again by the thread that waits
        {
            _failure ??= ExceptionDispatchInfo.Capture(exception);
        }
    }

    // Files that share a block, so that one thread decompresses it.
    private List<Item> Take()
    {
        lock (_gate)
        {
            var first = _nextFile;
            while (_nextFile < _files.Count && Place(_files[_nextFile]).Item1 == Place(_files[first]).Item1) _nextFile++;
            return _files[first.._nextFile];
        }
    }

    private void WriteFile(DirectoryHandle directory, Item item, byte[] buffer)
    {
        var content = item.Node.Content;
        using (var file = directory.CreateFile(item.Name.Span))
        {
            if (content.SizeBytes > 0) Copy(content, file, buffer);
            Describe(file, item);
        }
        lock (_gate) _progress?.Report(new("extract", _doneBytes += content.SizeBytes, _totalBytes));
    }

    private static void Copy(FileContent content, CreatedFile file, byte[] buffer)
    {
        var end = 0L;
        for (var offset = content.NextData(0); offset < content.SizeBytes; offset = content.NextData(offset))
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, content.SizeBytes - offset));
            content.Read(offset, part);
            file.Write(offset, part);
            end = offset += part.Length;
        }
        if (end < content.SizeBytes) file.SetSize(content.SizeBytes);
    }

    private void MakeLinks(DirectoryHandle root)
    {
        using var to = new OpenFolders(root);
        using var from = new OpenFolders(root);
        foreach (var link in _links)
            to.Get(link.Folder).Link(link.Name.Span, from.Get(link.Existing!.Folder), link.Existing.Name.Span);
    }

    // Last of all, children before their parents: a directory's time changes with what is made in it, and its mode may
    // keep even us out.
    private void DescribeFolders(DirectoryHandle root)
    {
        var folders = new List<Folder> { new(null, default, _tree.Root) };
        for (var i = 0; i < folders.Count; i++)
            foreach (var (name, node) in folders[i].Node.Children)
                if (node.IsDirectory) folders.Add(new(folders[i], name, node));
        using var opened = new OpenFolders(root);
        foreach (var folder in Enumerable.Reverse(folders))
            if (folder.Parent is { } parent) Describe(opened.Get(parent), new(parent, folder.Name, folder.Node));
            else Describe(root, new(folder, ".", folder.Node));
    }

    private void Describe(CreatedFile file, Item item)
    {
        var node = item.Node;
        if (_isRoot) file.SetOwner(node.Uid, node.Gid);    // first: it takes capabilities and set-id bits away
        foreach (var attribute in node.Attributes)
            SetAttribute(item, attribute, () => file.SetAttribute(attribute.Name.Span, attribute.Value.AsSpan()));
        file.SetMode(ModeOf(item));
        file.SetModified(node.ModifiedSeconds);
    }

    private void Describe(DirectoryHandle directory, Item item)
    {
        var name = item.Name.Span;
        var node = item.Node;
        if (_isRoot) directory.SetOwner(name, node.Uid, node.Gid);
        foreach (var attribute in node.Attributes)
            SetAttribute(item, attribute, () => directory.SetAttribute(item.Name.Span, attribute.Name.Span, attribute.Value.AsSpan()));
        if (node.Kind != FileKind.Symlink) directory.SetMode(name, ModeOf(item));
        directory.SetModified(name, node.ModifiedSeconds);
    }

    private uint ModeOf(Item item)
    {
        const uint setIdBits = 0xc00;
        var mode = item.Node.Mode;
        if (_isRoot || item.Node.IsDirectory || (mode & setIdBits) == 0) return mode;
        Refuse(item, "set-id bits left out: only root keeps them");
        return mode & ~setIdBits;
    }

    private void SetAttribute(Item item, ExtendedAttribute attribute, Action set)
    {
        if (!_isRoot && !attribute.Name.Span.StartsWith("user."u8))
        {
            Refuse(item, $"attribute {attribute.Name} left out: only root sets it");
            return;
        }
        try
        {
            set();
        }
        catch (ErrnoException error) when (error.IsRefusal)    // no such attributes there, or user. on what is neither file nor directory
        {
            Refuse(item, $"attribute {attribute.Name} left out: the kernel refuses it there");
        }
    }

    private void Refuse(Item item, string reason)
    {
        lock (_gate)
            _refused[reason] = _refused.TryGetValue(reason, out var known)
                ? (known.First, known.Count + 1)
                : ($"{item.Folder.Path}/{item.Name}", 1);
    }

    /// <summary>Keeps the folders used last open: files come in the order of the image, which goes back and forth.</summary>
    private sealed class OpenFolders(DirectoryHandle root) : IDisposable
    {
        private const int Most = 32;

        private readonly (Folder? Folder, DirectoryHandle? Handle)[] _open = new (Folder?, DirectoryHandle?)[Most];
        private int _next;

        /// <summary>Open until the next call.</summary>
        public DirectoryHandle Get(Folder folder)
        {
            if (folder.Parent is null) return root;
            foreach (var known in _open)
                if (ReferenceEquals(known.Folder, folder)) return known.Handle!;
            var handle = Get(folder.Parent).Open(folder.Name.Span);
            ref var place = ref _open[_next++ % Most];
            place.Handle?.Dispose();
            place = (folder, handle);
            return handle;
        }

        public void Dispose()
        {
            foreach (var open in _open) open.Handle?.Dispose();
        }
    }
}
