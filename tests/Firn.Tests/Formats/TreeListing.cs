using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Firn.Formats.Trees;

namespace Firn.Tests.Formats;

/// <summary>All that a tree says of its files, a line for each, in the order of <c>sort</c>; a character is a byte.</summary>
internal static class TreeListing
{
    public static string Of(FileTree tree)
    {
        var firstNames = new Dictionary<FileNode, string>();
        return string.Concat(Walk(".", tree.Root).Select(named => Line(named.Path, named.Node, firstNames) + "\n").Order(StringComparer.Ordinal));
    }

    public static IEnumerable<(string Path, FileNode Node)> Walk(string path, FileNode node)
    {
        yield return (path, node);
        foreach (var (name, child) in node.Children)
            foreach (var below in Walk($"{path}/{Encoding.Latin1.GetString(name.Span)}", child)) yield return below;
    }

    private static string Line(string path, FileNode node, Dictionary<FileNode, string> firstNames)
    {
        var first = firstNames.TryAdd(node, path) ? "" : $" = {firstNames[node]}";
        var attributes = string.Concat(node.Attributes.Select(attribute => $" {attribute.Name}={Convert.ToHexString(attribute.Value.AsSpan())}"));
        var hash = node.Kind == FileKind.File ? Convert.ToHexStringLower(SHA256.HashData(node.Content.ReadAll())) : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{path} {node.Kind} {Convert.ToString(node.Mode, 8)} {node.Uid}:{node.Gid} {node.ModifiedSeconds} {node.Device.Major}:{node.Device.Minor} {Encoding.Latin1.GetString(node.LinkTarget.Span)}{attributes} {hash}{first}");
    }
}
