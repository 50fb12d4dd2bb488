namespace Firn.Formats.SquashFs;

/// <summary>How the blocks of an image are compressed, with the numbers of the superblock.</summary>
public enum SquashFsCompression : ushort { Gzip = 1, Lzma, Lzo, Xz, Lz4, Zstd }
