namespace Firn.Formats.SquashFs;

/// <summary>
/// Compresses one block: the compressed size, or 0 when it does not fit. The same block must always give the same
/// bytes. One compressor serves one thread at a time, so whoever writes asks for several.
/// </summary>
public delegate int BlockCompressor(ReadOnlySpan<byte> plain, Span<byte> compressed);

/// <summary>
/// Decompresses one block: the plain size. Throws <see cref="InvalidDataException"/> when the block is damaged or holds
/// more than fits. One decompressor serves one thread at a time.
/// </summary>
public delegate int BlockDecompressor(ReadOnlySpan<byte> compressed, Span<byte> plain);
