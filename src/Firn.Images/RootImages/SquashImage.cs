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

    /// <inheritdoc cref="SquashFsReader.ReadNames"/>
    public void ReadNames(bool withInodes, NameVisitor visit) => TarSource.Named(_path, () =>
    {
        Reader.ReadNames(withInodes, visit);
        return true;
    });

    /// <summary>This image as the one before another.</summary>
    /// <exception cref="InvalidDataException">The other is to have another compression, level or block size.</exception>
    internal PreviousImage Layout(SquashFsOptions options, SpoolArea spool)
    {
        if (Superblock.Compression != SquashFsCompression.Zstd)
            throw new InvalidDataException($"{_path}: is compressed with {Superblock.Compression.ToString().ToLowerInvariant()}; only the layout of zstd images can be kept");
        if (Reader.ZstdLevel != options.Level || Superblock.BlockSizeBytes != options.BlockSizeBytes)
            throw new InvalidDataException(
                $"{_path}: has level {Reader.ZstdLevel} and blocks of {Superblock.BlockSizeBytes >> 10}K, the new image level {options.Level} "
                + $"and blocks of {options.BlockSizeBytes >> 10}K; its layout can only be kept with the same");
        return new(Reader, spool.NewFile("content"));
    }

    public void Dispose() => _file.Dispose();
}
