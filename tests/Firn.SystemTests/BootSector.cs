using System.Text;

namespace Firn.SystemTests;

/// <summary>
/// A machine in 512 bytes, for SeaBIOS on q35: it counts its boots in the disk's second sector, prints the count to the
/// first serial port, and then takes lines. It repeats each; <c>!p</c> powers the machine off, <c>!h</c> arms the
/// chip set's watchdog (ICH9 data sheet, TCO) and hangs, and any other <c>!</c> ends with the words of a kernel panic.
/// </summary>
internal static class BootSector
{
    private const int SectorSize = 512;

    // The messages follow the data, at the addresses the listing uses: 7d11, 7d19, 7d23 and 7d30.
    private static readonly string[] Messages =
        ["\r\nboot ", "\r\nready> ", "\r\nyou said: ", "\r\nKernel panic - not syncing: test\r\n"];

    /// <summary>Bytes and what they mean: 16-bit code in AT&amp;T's notation, loaded at 7c00.</summary>
    private const string Listing = """
        _start:
            31 c0              | xor %ax,%ax
            8e d8              | mov %ax,%ds
            8e c0              | mov %ax,%es
            8e d0              | mov %ax,%ss
            bc 00 7c           | mov $_start,%sp
            88 16 10 7d        | mov %dl,drive
            fc                 | cld
            b4 42              | mov $0x42,%ah
            e8 9f 00           | call disk
            ff 06 00 80        | incw 0x8000
            b4 43              | mov $0x43,%ah
            e8 96 00           | call disk
            be 11 7d           | mov $m_boot,%si
            e8 9a 00           | call puts
            a0 00 80           | mov 0x8000,%al
            04 30              | add $0x30,%al
            e8 9d 00           | call putc
        prompt:
            be 19 7d           | mov $m_ready,%si
            e8 8c 00           | call puts
            bf 00 82           | mov $0x8200,%di
        next:
            e8 a0 00           | call getc
            3c 0a              | cmp $0xa,%al
            74 0e              | je line
            3c 0d              | cmp $0xd,%al
            74 0a              | je line
            aa                 | stos %al,%es:(%di)
            e8 85 00           | call putc
            81 ff 00 83        | cmp $0x8300,%di
            72 eb              | jb next
        line:
            c6 05 00           | movb $0x0,(%di)
            a0 00 82           | mov 0x8200,%al
            3c 21              | cmp $0x21,%al
            74 0e              | je command
            be 23 7d           | mov $m_said,%si
            e8 64 00           | call puts
            be 00 82           | mov $0x8200,%si
            e8 5e 00           | call puts
            eb ca              | jmp prompt
        command:
            a0 01 82           | mov 0x8201,%al
            3c 70              | cmp $0x70,%al
            74 0c              | je off
            3c 68              | cmp $0x68,%al
            74 11              | je hang
            be 30 7d           | mov $m_panic,%si
            e8 4b 00           | call puts
            eb 3b              | jmp halt
        off:
            ba 04 06           | mov $0x604,%dx
            b8 00 20           | mov $0x2000,%ax
            ef                 | out %ax,(%dx)
            eb 32              | jmp halt
        hang:
            fa                 | cli
            0f 01 16 e5 7c     | lgdtw gdt_at
            0f 20 c0           | mov %cr0,%eax
            40                 | inc %ax
            0f 22 c0           | mov %eax,%cr0
            bb 08 00           | mov $0x8,%bx
            8e e3              | mov %bx,%fs
            48                 | dec %ax
            0f 22 c0           | mov %eax,%cr0
            66 bb 10 f4 d1 fe  | mov $0xfed1f410,%ebx
            64 67 80 23 df     | andb $0xdf,%fs:(%ebx)
            ba 72 06           | mov $0x672,%dx
            b8 02 00           | mov $0x2,%ax
            ef                 | out %ax,(%dx)
            ba 60 06           | mov $0x660,%dx
            ef                 | out %ax,(%dx)
            ba 68 06           | mov $0x668,%dx
            31 c0              | xor %ax,%ax
            ef                 | out %ax,(%dx)
        halt:
            fa                 | cli
            f4                 | hlt
            eb fd              | jmp 0x7cb1
        disk:
            be 00 7d           | mov $packet,%si
            8a 16 10 7d        | mov drive,%dl
            cd 13              | int $0x13
            c3                 | ret
        puts:
            ac                 | lods %ds:(%si),%al
            84 c0              | test %al,%al
            74 05              | je 0x7cc8
            e8 03 00           | call putc
            eb f6              | jmp puts
            c3                 | ret
        putc:
            50                 | push %ax
            ba fd 03           | mov $0x3fd,%dx
            ec                 | in (%dx),%al
            a8 20              | test $0x20,%al
            74 fb              | je 0x7ccd
            58                 | pop %ax
            ba f8 03           | mov $0x3f8,%dx
            ee                 | out %al,(%dx)
            c3                 | ret
        getc:
            ba fd 03           | mov $0x3fd,%dx
            ec                 | in (%dx),%al
            a8 01              | test $0x1,%al
            74 fb              | je 0x7cdb
            ba f8 03           | mov $0x3f8,%dx
            ec                 | in (%dx),%al
            c3                 | ret
        gdt_at:
            0f 00 f0 7c 00 00  | 16 bytes at gdt
            8d b4 00 00 90     | never executed: gdt is aligned
        gdt:
            00 00 00 00 00 00 00 00 | nothing
            ff ff 00 00 00 92 cf 00 | data, from 0, 4 GiB
        packet:
            10 00 01 00 00 80 00 00 | one sector to or from 0:8000
            01 00 00 00 00 00 00 00 | the second sector of the disk
        drive:
            00                 | as the BIOS passes it
        """;

    public static byte[] Bytes()
    {
        byte[] code =
        [
            .. Listing.Split('\n').Where(line => line.Contains('|'))
                .SelectMany(line => Convert.FromHexString(line.Split('|')[0].Replace(" ", ""))),
            .. Messages.SelectMany(message => Encoding.ASCII.GetBytes(message + '\0')),
        ];
        var sector = new byte[SectorSize];
        code.CopyTo(sector, 0);
        (sector[510], sector[511]) = (0x55, 0xaa);
        return sector;
    }

    /// <summary>Writes a disk that boots it.</summary>
    public static void WriteDisk(string path, long sizeBytes = 1 << 20)
    {
        using var disk = File.Create(path);
        disk.Write(Bytes());
        disk.SetLength(sizeBytes);
    }
}
