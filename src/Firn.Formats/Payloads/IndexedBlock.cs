namespace Firn.Formats.Payloads;

/// <summary>A piece of an image as it is stored.</summary>
/// <param name="Offset">In the image; follows from the lengths of those before.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Hash">SHA-256 of the stored bytes, or <see cref="BlockHash.OfZeros"/>.</param>
public readonly record struct IndexedBlock(long Offset, int Length, BlockHash Hash)
{
    public bool IsZeros => Hash == BlockHash.OfZeros;
    public long End => Offset + Length;

    /// <summary>Whether these are the bytes meant. All that is written to a slot passes here, wherever it came from.</summary>
    public bool Matches(ReadOnlySpan<byte> stored) =>
        stored.Length == Length && (IsZeros ? !stored.ContainsAnyExcept((byte)0) : BlockHash.Of(stored) == Hash);
}
