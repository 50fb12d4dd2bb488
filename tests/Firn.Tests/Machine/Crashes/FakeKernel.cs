using System.Buffers.Binary;
using System.Text;

namespace Firn.Tests.Machine.Crashes;

/// <summary>
/// What GRUB takes for a Linux kernel (boot protocol 2.03, Linux' <c>Documentation/arch/x86/boot.rst</c>): it prints a line to
/// the first serial port of a PC and switches a q35 machine off.
/// </summary>
internal static class FakeKernel
{
    private const int SectorBytes = 512, SetupSectors = 1;

    /// <summary>32-bit code, wherever it lies: the message follows it.</summary>
    private const string Listing = """
        e8 00 00 00 00     | call next
        5e                 | next: pop %esi
        81 c6 38 00 00 00  | add $message-next,%esi
        fc                 | cld
        ac                 | print: lodsb
        84 c0              | test %al,%al
        74 14              | jz off
        88 c4              | mov %al,%ah
        66 ba fd 03        | ready: mov $0x3fd,%dx
        ec                 | in %dx,%al
        a8 20              | test $0x20,%al
        74 f7              | jz ready
        66 ba f8 03        | mov $0x3f8,%dx
        88 e0              | mov %ah,%al
        ee                 | out %al,%dx
        eb e7              | jmp print
        66 ba fd 03        | off: mov $0x3fd,%dx
        ec                 | in %dx,%al
        a8 40              | test $0x40,%al
        74 f7              | jz off
        66 ba 04 06        | mov $0x604,%dx
        b8 00 20 00 00     | mov $0x2000,%eax
        66 ef              | out %ax,%dx
        f4                 | stop: hlt
        eb fd              | jmp stop
        """;

    /// <param name="message">In ASCII.</param>
    /// <param name="sizeBytes">Of the whole kernel; the rest is the message's last character.</param>
    public static byte[] Make(string message, int sizeBytes)
    {
        var kernel = new byte[sizeBytes];
        kernel.AsSpan().Fill((byte)message[^1]);
        kernel.AsSpan(0, SectorBytes * (1 + SetupSectors)).Clear();
        kernel[0x1f1] = SetupSectors;
        BinaryPrimitives.WriteInt32LittleEndian(kernel.AsSpan(0x1f4), (sizeBytes - SectorBytes * (1 + SetupSectors)) / 16);
        BinaryPrimitives.WriteUInt16LittleEndian(kernel.AsSpan(0x1fe), 0xaa55);
        (kernel[0x200], kernel[0x201]) = (0xeb, 0x3e);    // jmp over the header
        "HdrS"u8.CopyTo(kernel.AsSpan(0x202));
        BinaryPrimitives.WriteUInt16LittleEndian(kernel.AsSpan(0x206), 0x0203);
        kernel[0x211] = 1;    // LOADED_HIGH
        BinaryPrimitives.WriteInt32LittleEndian(kernel.AsSpan(0x214), 0x100000);
        BinaryPrimitives.WriteInt32LittleEndian(kernel.AsSpan(0x22c), 0x37ffffff);
        byte[] code =
        [
            .. Listing.Split('\n').SelectMany(line => Convert.FromHexString(line.Split('|')[0].Replace(" ", ""))),
            .. Encoding.ASCII.GetBytes($"\r\n{message}\r\n\0"),
        ];
        code.CopyTo(kernel, SectorBytes * (1 + SetupSectors));
        return kernel;
    }
}
