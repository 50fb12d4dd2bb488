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
}
