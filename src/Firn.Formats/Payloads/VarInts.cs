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

    public static ulong Read(Func<byte> next)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = next();
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80) return value;
        }
        throw PackFormat.Invalid("a number does not end");
    }

    public static long Signed(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
