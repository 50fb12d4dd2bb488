using System.Security.Cryptography;
using System.Text;
using Firn.Formats.Tar;
using Firn.Formats.Trees;

namespace Firn.Agent.Health;

/// <summary>
/// The smallest image there is, made on the spot: one program that ends well. What starts a container of it has unpacked a layer, laid an
/// overlay and run a process, and nothing of it came over a network.
/// </summary>
public static class HealthImage
{
    public const string Name = "firn.local/health:1";

    /// <summary>In the image.</summary>
    public const string Program = "/true";

    /// <summary>
    /// ELF for x86-64 (System V ABI): a header of 64 bytes, one program header of 56, and the code at 0x400078:
    /// <c>xor edi, edi; mov eax, 60 (exit); syscall</c>.
    /// </summary>
    private static ReadOnlySpan<byte> Code =>
    [
        0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0x3e, 0, 1, 0, 0, 0, 0x78, 0, 0x40, 0, 0, 0, 0, 0,
        0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0x38, 0, 1, 0, 0, 0, 0, 0, 0, 0,
        1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0,
        0x81, 0, 0, 0, 0, 0, 0, 0, 0x81, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0,
        0x31, 0xff, 0xb8, 0x3c, 0, 0, 0, 0x0f, 0x05,
    ];

    /// <summary>The tar file that <c>docker save</c> would make of it, which all runtimes load.</summary>
    public static byte[] ToArchive()
    {
        var layer = Tar((Program[1..], Code.ToArray(), 0x1ed));
        var config = $$$"""{"architecture":"amd64","os":"linux","config":{"Entrypoint":["{{{Program}}}"]},"rootfs":{"type":"layers","diff_ids":["sha256:{{{Convert.ToHexStringLower(SHA256.HashData(layer))}}}"]}}""";
        return Tar(
            ("config.json", Encoding.UTF8.GetBytes(config), 0x1a4), ("layer.tar", layer, 0x1a4),
            ("manifest.json", Encoding.UTF8.GetBytes($$"""[{"Config":"config.json","RepoTags":["{{Name}}"],"Layers":["layer.tar"]}]"""), 0x1a4));
    }

    private static byte[] Tar(params (string Name, byte[] Content, uint Mode)[] files)
    {
        var tree = new FileTree();
        foreach (var (name, content, mode) in files) tree.Put(name, new(FileKind.File) { Content = FileContent.Of(content), Mode = mode });
        using var archive = new MemoryStream();
        TarWriter.Write(tree, archive);
        return archive.ToArray();
    }
}
