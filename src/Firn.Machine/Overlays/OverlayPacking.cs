using System.IO.Compression;
using Firn.Formats.Overlays;
using Firn.Formats.Tar;
using Firn.Formats.Trees;
using Firn.Linux.Compression;
using Firn.Machine.Etc;

namespace Firn.Machine.Overlays;

public enum OverlayForm { Zstd, Gzip, Zlib, Tar }

/// <summary>Directories as overlay files.</summary>
public static class OverlayPacking
{
    private const int ZstdLevel = 15;

    /// <exception cref="InvalidDataException">No machine would take what is in it.</exception>
    public static byte[] Pack(string directory, OverlayForm form, bool keepsOwners)
    {
        var tree = DirectoryTree.Read(directory);
        if (!keepsOwners)
            foreach (var node in tree.Walk().Select(entry => entry.Node).Append(tree.Root)) (node.Uid, node.Gid) = (0, 0);
        using var archive = new MemoryStream();
        if (form == OverlayForm.Tar) TarWriter.Write(tree, archive);
        else
            using (var compressed = Compress(archive, form)) TarWriter.Write(tree, compressed);
        Check(DirectoryTree.Read(directory));
        var file = archive.ToArray();
        return file.Length <= OverlayRules.MaximumPackedBytes ? file
            : throw new InvalidDataException($"{directory}: makes {file.Length} bytes, at most {OverlayRules.MaximumPackedBytes} are taken");
    }

    /// <summary>Now, and not on every machine at its next boot.</summary>
    private static void Check(FileTree tree) => OverlayPlan.Of(Overlay.Of(tree), NamedValues.None);

    private static Stream Compress(MemoryStream archive, OverlayForm form) => form switch
    {
        OverlayForm.Zstd => new ZstdCompressStream(archive, ZstdLevel, leaveOpen: true),
        OverlayForm.Gzip => new GZipStream(archive, CompressionLevel.Optimal, leaveOpen: true),
        _ => new ZLibStream(archive, CompressionLevel.Optimal, leaveOpen: true),
    };
}
