using Firn.Formats.SquashFs;
using Firn.Formats.Trees;
using Firn.Images.Content;
using Firn.Linux.Compression;
using Microsoft.Win32.SafeHandles;

namespace Firn.Images.RootImages;

/// <summary>A squashfs image in a file or on a device. Contents can be read until it is disposed.</summary>
public sealed class SquashImage : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly string _path;

    private SquashImage(SafeFileHandle file, string path)
    {
        (_file, _path) = (file, path);
        Bytes = new OpenFile(file);
        Reader = TarSource.Named(path, () => SquashFsReader.Open(Bytes, () => new ZstdDecompressor().Decompress, () => Xz.Decompress));
    }

    internal FileContent Bytes { get; }
    internal SquashFsReader Reader { get; }
    public SquashFsSuperblock Superblock => Reader.Superblock;

    /// <exception cref="InvalidDataException">Not such an image, or one compressed in a way that is not read here.</exception>
    public static SquashImage Open(string path)
    {
        var file = File.OpenHandle(path);
        try
        {
            return new(file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Names and inodes; contents are read when they are asked for.</summary>
    /// <exception cref="InvalidDataException">The image is damaged; told with its path.</exception>
    public FileTree ReadTree() => TarSource.Named(_path, Reader.ReadTree);

    public void Dispose() => _file.Dispose();
}
