using Firn.Formats.Trees;

namespace Firn.Tests.Formats.Tar;

/// <summary>Content that stays in an archive held in memory.</summary>
internal static class TarBytes
{
    public static FileTree Read(byte[] archive) =>
        Firn.Formats.Tar.TarReader.Read(new MemoryStream(archive), Of(archive));

    public static Func<long, long, FileContent> Of(byte[] archive) =>
        (offset, size) => FileContent.Of(archive.AsMemory((int)offset, (int)size));
}
