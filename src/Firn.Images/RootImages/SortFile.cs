using Firn.Formats.Trees;

namespace Firn.Images.RootImages;

/// <summary>
/// An order for the content of files: paths, one a line, the first first. Empty lines and those with <c>#</c> are left out.
/// </summary>
internal static class SortFile
{
    /// <param name="path">Of the file.</param>
    /// <param name="tree">Symbolic links in it are followed, as they were when the paths were opened.</param>
    /// <param name="warnings">Told how many paths are not there.</param>
    public static Dictionary<FileNode, int> Read(string path, FileTree tree, List<string> warnings)
    {
        var order = new Dictionary<FileNode, int>();
        var missing = 0;
        foreach (var line in File.ReadLines(path))
        {
            if (line.Length == 0 || line[0] == '#') continue;
            if (tree.Resolve(line) is { Kind: FileKind.File } node) order.TryAdd(node, order.Count);
            else missing++;
        }
        if (missing > 0) warnings.Add($"{path}: {missing} of its paths are no files of the source");
        return order;
    }
}
