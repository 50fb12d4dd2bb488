using Firn.Formats.SquashFs;

namespace Firn.Formats.Payloads;

/// <summary>Unpacks a file, or a part of one: the number of bytes, or -1 if these are no bytes of this kind, or more than fit.</summary>
public delegate int Unpacker(ulong method, ReadOnlySpan<byte> packed, Span<byte> content);

/// <summary>The same way back: the number of bytes, or -1 if it cannot be done here, or they do not fit.</summary>
public delegate int Packer(ulong method, ReadOnlySpan<byte> content, Span<byte> packed);

/// <summary>What a machine can compress and decompress with. What it cannot is fetched.</summary>
/// <param name="NewDecompressor">Of an image's blocks.</param>
/// <param name="FindEncoder">By the name in a pack's head; null if it is not here, or compresses a probe to other bytes.</param>
/// <param name="Unpack">What is packed in files.</param>
/// <param name="Pack">The same way back.</param>
public sealed record PatchCodecs(
    Func<OwnedCodec<BlockDecompressor>> NewDecompressor, Func<string, OwnedCodec<BlockCompressor>?> FindEncoder, Unpacker Unpack, Packer Pack);
