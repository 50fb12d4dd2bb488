namespace Firn.Machine.Updates;

/// <summary>How a release is brought into its slot.</summary>
/// <param name="Tries">Boots it has to be confirmed; null for what the running system's recipe says.</param>
/// <param name="MemoryBytes">
/// What it may take above the program itself; at least <see cref="LeastMemoryBytes"/>. Patches need most of the default, so with
/// less blocks are fetched instead.
/// </param>
/// <param name="BytesPerSecond">Of the network, at most; null for as fast as it goes.</param>
/// <param name="IsDownloadOnly">The slot is filled and left asleep; another installation finds everything there.</param>
public sealed record InstallOptions(
    int? Tries = null, long MemoryBytes = InstallOptions.DefaultMemoryBytes, long? BytesPerSecond = null, bool IsDownloadOnly = false)
{
    public const long DefaultMemoryBytes = 64 << 20;
    public const long LeastMemoryBytes = 256 << 10;
    private const long PatchingMemoryBytes = 56 << 20;
    private const int MostChunkBytes = 1 << 20;

    /// <summary>Whether there is memory for the contents that patches are applied to.</summary>
    internal bool CanPatch => MemoryBytes >= PatchingMemoryBytes;

    /// <summary>What is read, hashed and written at a time. Eight of them are held: two to fill and write, two to read back, and spare for ranges.</summary>
    internal int ChunkBytes => (int)Math.Clamp(MemoryBytes / 8 & -Linux.Block.DirectAlignment.Bytes, 4 * Linux.Block.DirectAlignment.Bytes, MostChunkBytes);
}
