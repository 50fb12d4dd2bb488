using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>How a block is stored.</summary>
public enum StoredKind
{
    /// <summary>As it is.</summary>
    Raw,

    /// <summary>Compressed.</summary>
    Compressed,

    /// <summary>Of a table: behind two bytes that say its size, compressed.</summary>
    Metadata,

    /// <summary>Of a table: behind two bytes that say its size, as it is.</summary>
    RawMetadata,
}

/// <summary>A part of a file in a block.</summary>
/// <param name="Path">A name of the file.</param>
/// <param name="Content">The whole file.</param>
/// <param name="FileOffset">Where the part begins in the file.</param>
/// <param name="PlainOffset">Where it begins in the decompressed block.</param>
/// <param name="Length">In bytes.</param>
public readonly record struct StoredPiece(string Path, FileContent Content, long FileOffset, int PlainOffset, int Length);

/// <summary>A block of an image.</summary>
/// <param name="Offset">In the image.</param>
/// <param name="Length">As stored.</param>
/// <param name="Kind">How it is stored.</param>
/// <param name="Pieces">What it holds of files, in order; nothing for tables.</param>
public sealed record StoredBlock(long Offset, int Length, StoredKind Kind, IReadOnlyList<StoredPiece> Pieces)
{
    public long End => Offset + Length;
}
