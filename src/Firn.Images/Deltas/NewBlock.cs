using Firn.Formats.SquashFs;

namespace Firn.Images.Deltas;

/// <summary>A block to make.</summary>
/// <param name="Number">In the index.</param>
/// <param name="Kind">How it is stored.</param>
/// <param name="Plain">Its content.</param>
/// <param name="Pieces">Of files, in it.</param>
internal sealed record NewBlock(int Number, StoredKind Kind, byte[] Plain, IReadOnlyList<StoredPiece> Pieces)
{
    /// <summary>Of its content, among the contents of all new blocks.</summary>
    public long Start { get; init; }

    public long End => Start + Plain.Length;
}
