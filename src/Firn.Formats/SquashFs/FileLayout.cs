namespace Firn.Formats.SquashFs;

/// <summary>Where the content of a file is. Files with the same content share one.</summary>
internal sealed class FileLayout(long sizeBytes, int blockCount)
{
    public static FileLayout Empty { get; } = new(0, 0);

    public long SizeBytes { get; } = sizeBytes;
    /// <summary>Position of the first stored block; 0 when none is stored.</summary>
    public long Start { get; set; }
    /// <summary>Stored size of each block; 0 is a hole.</summary>
    public uint[] SizeWords { get; } = blockCount == 0 ? [] : new uint[blockCount];
    public uint Fragment { get; set; } = SquashFsFormat.NoFragment;
    public uint FragmentOffset { get; init; }

    /// <summary>Bytes that are zero and not stored.</summary>
    public long HoleBytes(int blockSizeBytes)
    {
        var full = SizeWords.AsSpan(0, (int)(SizeBytes / blockSizeBytes)).Count(0u);
        var isLastShort = SizeWords.Length > SizeBytes / blockSizeBytes;
        return (long)full * blockSizeBytes + (isLastShort && SizeWords[^1] == 0 ? SizeBytes % blockSizeBytes : 0);
    }
}

/// <summary>A block that small files share.</summary>
internal readonly record struct FragmentBlock(long Start, uint SizeWord);
