namespace Firn.Formats.Payloads;

/// <summary>Some blocks in a row, proven by one hash: a device fetches only those segments of an index that it does not have.</summary>
/// <param name="ImageBytes">Of the image, that its blocks cover.</param>
/// <param name="BlockCount">Of its entries.</param>
/// <param name="Hash">SHA-256 of the entries.</param>
public readonly record struct IndexSegment(long ImageBytes, int BlockCount, BlockHash Hash)
{
    /// <summary>Of its entries, in the file.</summary>
    public int EntryBytes => BlockCount * IndexFormat.EntryBytes;
}
