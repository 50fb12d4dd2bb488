using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Firn.Formats.Trees;

namespace Firn.Tests.Formats.SquashFs;

/// <summary>What <c>unsquashfs</c> makes of an image, and what it should. Names are Latin-1: a letter for every byte.</summary>
internal static partial class Unsquashfs
{
    public static void AssertAgrees(FileTree tree, byte[] image)
    {
        using var scratch = new Scratch();
        var path = scratch.Image(image);
        Assert.Equal(ExpectedList(tree), List(path));

        Tool.Run("unsquashfs", "-no-xattrs", "-no-progress", "-quiet", "-d", scratch["tree"], path);
        Assert.Equal(ExpectedExtraction(tree), Extraction(scratch["tree"]));
    }

    public static void Extract(byte[] image, string directory)
    {
        using var scratch = new Scratch();
        Tool.Run("unsquashfs", "-no-xattrs", "-no-progress", "-quiet", "-d", directory, scratch.Image(image));
    }

    /// <summary>Mode, owner, size or device, time and name of all but the root, with a directory's size left out.</summary>
    public static IEnumerable<string> List(string image) => Tool.RunText("unsquashfs", "-lln", image)
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
        .Select(line => Spaces().Replace(line, " "))
        .Select(line => line[0] == 'd' ? DirectorySize().Replace(line, "$1 - ") : line)
        .Order(StringComparer.Ordinal);

    private static IEnumerable<string> ExpectedList(FileTree tree) => Walk(tree).Select(entry =>
    {
        var node = entry.Node;
        var size = node.Kind switch
        {
            FileKind.CharacterDevice or FileKind.BlockDevice => $"{node.Device.Major}, {node.Device.Minor}",
            FileKind.Directory => "-",
            FileKind.Symlink => node.LinkTarget.Length.ToString(),
            FileKind.File => node.Content.SizeBytes.ToString(),
            _ => "0",
        };
        var time = DateTimeOffset.FromUnixTimeSeconds(node.ModifiedSeconds).ToString("yyyy-MM-dd HH:mm");
        var target = node.Kind == FileKind.Symlink ? $" -> {Latin1(node.LinkTarget)}" : "";
        return $"{Mode(node)} {node.Uid}/{node.Gid} {size} {time} squashfs-root/{entry.Path}{target}";
    }).Order(StringComparer.Ordinal);

    private static string Mode(FileNode node)
    {
        var text = new StringBuilder().Append("-dlcbps"[(int)node.Kind]);
        for (var shift = 6; shift >= 0; shift -= 3)
        {
            var special = (node.Mode >> (9 + shift / 3) & 1) != 0;
            var letter = shift == 0 ? 't' : 's';
            var canExecute = (node.Mode >> shift & 1) != 0;
            text.Append((node.Mode >> shift & 4) != 0 ? 'r' : '-').Append((node.Mode >> shift & 2) != 0 ? 'w' : '-');
            text.Append(special ? canExecute ? letter : char.ToUpperInvariant(letter) : canExecute ? 'x' : '-');
        }
        return text.ToString();
    }

    // Who is not root may not give files away or make devices, so these are left to the list.
    private static IEnumerable<string> Extraction(string directory)
    {
        const string script = """
            cd "$0" && find . -mindepth 1 -printf '%y %P %l %n %Ts\0' && find . -type f -exec sha256sum -z {} +
            """;
        return Tool.RunText("sh", "-c", script, directory).Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line[0] == 'd' ? DirectoryLinks().Replace(line, " - $1") : line)
            .Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> ExpectedExtraction(FileTree tree)
    {
        var links = Walk(tree).GroupBy(entry => entry.Node).ToDictionary(group => group.Key, group => group.Count());
        foreach (var (path, node) in Walk(tree))
            Assert.False(node.Kind is FileKind.CharacterDevice or FileKind.BlockDevice, $"{path}: a device needs root");
        return Walk(tree)
            .Select(entry =>
                $"{"fdlcbps"[(int)entry.Node.Kind]} {entry.Path} {Latin1(entry.Node.LinkTarget)} "
                + $"{(entry.Node.IsDirectory ? "-" : links[entry.Node])} {entry.Node.ModifiedSeconds}")
            .Concat(Walk(tree).Where(entry => entry.Node.Kind == FileKind.File).Select(entry =>
                $"{Convert.ToHexStringLower(SHA256.HashData(entry.Node.Content.ReadAll()))}  ./{entry.Path}"))
            .Order(StringComparer.Ordinal);
    }

    private static IEnumerable<(string Path, FileNode Node)> Walk(FileTree tree) => Walk("", tree.Root);

    private static IEnumerable<(string Path, FileNode Node)> Walk(string prefix, FileNode directory) =>
        directory.Children.SelectMany(child =>
            Walk($"{prefix}{Latin1(child.Key)}/", child.Value).Prepend(($"{prefix}{Latin1(child.Key)}", child.Value)));

    private static string Latin1(ByteString bytes) => Encoding.Latin1.GetString(bytes.Span);

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^(\S+ \d+/\d+) \d+ ")]
    private static partial Regex DirectorySize();

    [GeneratedRegex(@" \d+ (\d+)$")]
    private static partial Regex DirectoryLinks();
}
