namespace Firn.Formats.Payloads;

/// <summary>Numbers in seven bits a byte, the lowest first; signed ones alternate: 0, -1, 1, -2, …</summary>
internal static class VarInts
{
    public static void Write(List<byte> bytes, ulong value)
    {
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
    }

    public static void WriteSigned(List<byte> bytes, long value) => Write(bytes, (ulong)value << 1 ^ (ulong)(value >> 63));

    public static long Signed(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
