using System.Text;
using Firn.Formats.Trees;

namespace Firn.Formats.Fat;

/// <summary>A file or directory with its names chosen; its place is set when the volume's geometry is known.</summary>
internal sealed class FatPlan
{
    private const int MaximumDirectoryEntries = 65536;
    private const int MaximumPathLength = 4096;    // as in Linux
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private FatPlan(FileNode node, string name, FatPlan? parent) => (Node, Name, Parent) = (node, name, parent);

    public FileNode Node { get; }
    public string Name { get; }
    public FatPlan? Parent { get; }
    public string ShortName { get; private set; } = "";
    public byte CaseFlags { get; private set; }

    /// <summary>Entries of the long name; 0 where the short one says it all.</summary>
    public int LongEntries { get; private set; }
    public List<FatPlan> Children { get; } = [];

    /// <summary>Entries of this directory, with "." and ".." or, in the root, room for the label.</summary>
    public int DirectoryEntries => (Parent is null ? 1 : 2) + Children.Sum(child => child.LongEntries + 1);
    public long SizeBytes => Node.IsDirectory ? (long)DirectoryEntries * FatDirectoryEntry.Size : Node.Content.SizeBytes;

    /// <summary>0 while it has no place, and for what needs none.</summary>
    public uint FirstCluster { get; set; }

    /// <summary>This and all below, parents before children.</summary>
    public IEnumerable<FatPlan> Walk() => Children.SelectMany(child => child.Walk()).Prepend(this);

    /// <exception cref="InvalidDataException">The tree holds something FAT cannot.</exception>
    public static FatPlan Of(FileTree files)
    {
        var root = new FatPlan(files.Root, "", null);
        root.AddChildren("");
        return root;
    }

    private void AddChildren(string path)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (bytes, node) in Node.Children)
        {
            var childPath = $"{path}{bytes}";
            var name = Decode(bytes, childPath);
            var problem = node switch
            {
                { Kind: not (FileKind.File or FileKind.Directory) } => $"a {node.Kind} cannot be kept",
                { Content.SizeBytes: > uint.MaxValue } => "a file cannot have 4 GiB or more",
                _ when childPath.Length >= MaximumPathLength => "the path is too long",
                _ when !names.Add(name) => "another name differs only in case",
                _ => FatNames.Problem(name),
            };
            if (problem is not null) throw new InvalidDataException($"{childPath}: {problem} on a FAT volume");
            Children.Add(new(node, name, this));
        }
        NameChildren();
        if (DirectoryEntries > MaximumDirectoryEntries)
            throw new InvalidDataException(
                $"{path}: more than {MaximumDirectoryEntries} entries cannot be kept on a FAT volume");
        foreach (var child in Children)
            if (child.Node.IsDirectory) child.AddChildren($"{path}{child.Name}/");
    }

    private void NameChildren()
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var child in Children)
        {
            if (FatNames.Exact(child.Name) is not var (shortName, caseFlags)) continue;
            (child.ShortName, child.CaseFlags) = (shortName, caseFlags);
            taken.Add(shortName);
        }
        foreach (var child in Children.Where(child => child.ShortName.Length == 0))
        {
            child.ShortName = FatNames.Numbered(child.Name, taken);
            child.LongEntries = FatNames.LongEntries(child.Name);
        }
    }

    private static string Decode(ByteString name, string path)
    {
        try { return StrictUtf8.GetString(name.Span); }
        catch (DecoderFallbackException) { throw new InvalidDataException($"{path}: the name is not UTF-8"); }
    }
}
