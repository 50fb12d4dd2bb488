using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Firn.Trust.Minisign;

/// <summary>
/// BLAKE2b without a key, RFC 7693. Ours, because libcrypto 3.0 has it with 64 bytes of output only, and minisign's secret
/// keys want 32.
/// </summary>
internal sealed class Blake2b
{
    private const int BlockBytes = 128;

    private static ReadOnlySpan<ulong> InitialValues =>
    [
        0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
        0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
    ];

    private static ReadOnlySpan<byte> Permutations =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
        11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
        7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
        9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
        2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
        12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
        13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
        6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
        10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
    ];

    private readonly ulong[] _state = InitialValues.ToArray();
    private readonly byte[] _block = new byte[BlockBytes];
    private readonly int _outputBytes;
    private ulong _count;
    private int _filled;

    /// <param name="outputBytes">1 to 64.</param>
    public Blake2b(int outputBytes)
    {
        _outputBytes = outputBytes;
        _state[0] ^= 0x01010000UL ^ (ulong)outputBytes;
    }

    public static byte[] Hash(int outputBytes, params ReadOnlySpan<byte[]> parts)
    {
        var hash = new Blake2b(outputBytes);
        foreach (var part in parts) hash.Append(part);
        return hash.Finish();
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            // the last block is compressed by Finish, so a full one waits until more comes
            if (_filled == BlockBytes)
            {
                Compress(isLast: false);
                _filled = 0;
            }
            var part = bytes[..Math.Min(bytes.Length, BlockBytes - _filled)];
            part.CopyTo(_block.AsSpan(_filled));
            _filled += part.Length;
            _count += (ulong)part.Length;
            bytes = bytes[part.Length..];
        }
    }

    public byte[] Finish()
    {
        _block.AsSpan(_filled).Clear();
        Compress(isLast: true);
        var output = new byte[64];
        for (var i = 0; i < 8; i++) BinaryPrimitives.WriteUInt64LittleEndian(output.AsSpan(8 * i), _state[i]);
        return output[.._outputBytes];
    }

    /// <summary>RFC 7693, section 3.2. The count is of 64 bits: nothing longer is hashed.</summary>
    private void Compress(bool isLast)
    {
        Span<ulong> v = stackalloc ulong[16];
        _state.CopyTo(v);
        InitialValues.CopyTo(v[8..]);
        v[12] ^= _count;
        if (isLast) v[14] = ~v[14];
        var message = MemoryMarshal.Cast<byte, ulong>(_block);
        for (var round = 0; round < 12; round++)
        {
            var order = Permutations.Slice(16 * (round % 10), 16);
            Mix(v, 0, 4, 8, 12, message[order[0]], message[order[1]]);
            Mix(v, 1, 5, 9, 13, message[order[2]], message[order[3]]);
            Mix(v, 2, 6, 10, 14, message[order[4]], message[order[5]]);
            Mix(v, 3, 7, 11, 15, message[order[6]], message[order[7]]);
            Mix(v, 0, 5, 10, 15, message[order[8]], message[order[9]]);
            Mix(v, 1, 6, 11, 12, message[order[10]], message[order[11]]);
            Mix(v, 2, 7, 8, 13, message[order[12]], message[order[13]]);
            Mix(v, 3, 4, 9, 14, message[order[14]], message[order[15]]);
        }
        for (var i = 0; i < 8; i++) _state[i] ^= v[i] ^ v[i + 8];
    }

    private static void Mix(Span<ulong> v, int a, int b, int c, int d, ulong x, ulong y)
    {
        v[a] += v[b] + x;
        v[d] = BitOperations.RotateRight(v[d] ^ v[a], 32);
        v[c] += v[d];
        v[b] = BitOperations.RotateRight(v[b] ^ v[c], 24);
        v[a] += v[b] + y;
        v[d] = BitOperations.RotateRight(v[d] ^ v[a], 16);
        v[c] += v[d];
        v[b] = BitOperations.RotateRight(v[b] ^ v[c], 63);
    }
}
