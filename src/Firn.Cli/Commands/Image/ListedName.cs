using System.Globalization;
using System.Text;
using System.Text.Json;
using Firn.Formats.Trees;

namespace Firn.Cli.Commands.Image;

/// <summary>A name of an image. Bytes that are not UTF-8, and control characters, are written as <c>\xNN</c>.</summary>
/// <param name="Path">With a slash before it.</param>
/// <param name="Mode">Octal, four digits.</param>
/// <param name="SizeBytes">Of a file.</param>
/// <param name="Modified">Seconds since 1970.</param>
/// <param name="Target">Of a symbolic link.</param>
/// <param name="Device">Of a device, <c>major:minor</c>.</param>
internal sealed record ListedName(
    string Path, string Kind, string Mode, uint Uid, uint Gid, long? SizeBytes, long Modified, string? Target, string? Device)
{
    public static ListedName Of(string path, FileNode node) => new(
        $"/{path}", JsonNamingPolicy.CamelCase.ConvertName(node.Kind.ToString()), Convert.ToString(node.Mode, 8).PadLeft(4, '0'), node.Uid, node.Gid,
        node.Kind == FileKind.File ? node.Content.SizeBytes : null, node.ModifiedSeconds,
        node.Kind == FileKind.Symlink ? node.LinkTarget.ToString() : null,
        node.Kind is FileKind.BlockDevice or FileKind.CharacterDevice ? $"{node.Device.Major}:{node.Device.Minor}" : null);

    /// <summary>As <c>ls -ln</c> has it: mode, owner and group, size or device, time (UTC), path.</summary>
    public static void AppendLong(StringBuilder text, string path, FileNode node)
    {
        AppendMode(text, node);
        var size = node.Kind switch
        {
            FileKind.File => node.Content.SizeBytes.ToString(CultureInfo.InvariantCulture),
            FileKind.BlockDevice or FileKind.CharacterDevice => $"{node.Device.Major},{node.Device.Minor}",
            _ => "0",
        };
        var time = DateTime.UnixEpoch.AddSeconds(node.ModifiedSeconds);
        text.Append(CultureInfo.InvariantCulture, $" {node.Uid}/{node.Gid} {size,10} {time:yyyy-MM-dd HH:mm} /{path}");
        if (node.Kind == FileKind.Symlink) text.Append(" -> ").Append(node.LinkTarget.ToString());
    }

    private static void AppendMode(StringBuilder text, FileNode node)
    {
        text.Append("-dlcbps"[(int)node.Kind]);
        for (var shift = 6; shift >= 0; shift -= 3)
        {
            var isSpecial = (node.Mode >> (9 + shift / 3) & 1) != 0;
            var canExecute = (node.Mode >> shift & 1) != 0;
            var letter = shift == 0 ? 't' : 's';
            text.Append((node.Mode >> shift & 4) != 0 ? 'r' : '-').Append((node.Mode >> shift & 2) != 0 ? 'w' : '-');
            text.Append(isSpecial ? canExecute ? letter : char.ToUpperInvariant(letter) : canExecute ? 'x' : '-');
        }
    }
}
