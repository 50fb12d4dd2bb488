using System.Buffers.Binary;
using Firn.Formats.Payloads;
using Firn.Formats.SquashFs;

namespace Firn.Images.Deltas;

/// <summary>Takes blocks by what they hold, if that can be compressed to the same block again, else as they are. For one thread.</summary>
internal sealed class BlockReader(OwnedCodec<BlockDecompressor> decompressor, OwnedCodec<BlockCompressor>? encoder, int blockBytes) : IDisposable
{
    private readonly byte[] _plain = new byte[Math.Max(blockBytes, SquashFsReader.MetadataBlockBytes)];
    private readonly byte[] _again = new byte[Math.Max(blockBytes, SquashFsReader.MetadataBlockBytes) + sizeof(ushort)];

    /// <param name="number">Of the block.</param>
    /// <param name="stored">Its bytes.</param>
    /// <param name="block">What is known of it; null for nothing.</param>
    public NewBlock Read(int number, byte[] stored, StoredBlock? block)
    {
        if (block is null || block.Length != stored.Length) return new(number, StoredKind.Raw, stored, []);
        if (block.Kind == StoredKind.Raw) return new(number, StoredKind.Raw, stored, block.Pieces);
        if (block.Kind == StoredKind.RawMetadata || encoder is null) return new(number, StoredKind.Raw, stored, []);
        var header = block.Kind == StoredKind.Metadata ? sizeof(ushort) : 0;
        var plain = _plain[..decompressor.Run(stored.AsSpan(header), _plain)];
        var size = encoder.Run(plain, _again.AsSpan(header));
        if (header > 0) BinaryPrimitives.WriteUInt16LittleEndian(_again, (ushort)size);
        return _again.AsSpan(0, header + size).SequenceEqual(stored)
            ? new(number, block.Kind, plain, block.Pieces)
            : new(number, StoredKind.Raw, stored, []);
    }

    public void Dispose()
    {
        decompressor.Dispose();
        encoder?.Dispose();
    }
}
