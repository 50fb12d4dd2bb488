using System.Text;

namespace Firn.Tests.Formats.Tar;

/// <summary>Archives as bytes, for what GNU tar would not write or an ordinary user may not.</summary>
internal sealed class TarBuilder
{
    private readonly MemoryStream _archive = new();

    public TarBuilder File(string name, string text, uint mode = 0x1a4) => Member('0', name, text, mode: mode);
    public TarBuilder Directory(string name, uint mode = 0x1ed) => Member('5', name, mode: mode);
    public TarBuilder Symlink(string name, string target) => Member('2', name, link: target);
    public TarBuilder HardLink(string name, string target) => Member('1', name, link: target);
    public TarBuilder Device(string name, char type, uint major, uint minor) => Member(type, name, major: major, minor: minor);

    /// <summary>An extended header of records <c>key=value</c>, for the next member or, as <c>g</c>, for all.</summary>
    public TarBuilder Pax(char type, params string[] records) => Member(type, "pax", string.Concat(records.Select(Record)));

    public TarBuilder Member(
        char type, string name, string data = "", string link = "", uint mode = 0x1a4, uint major = 0, uint minor = 0, long? size = null)
    {
        var bytes = Encoding.Latin1.GetBytes(data);
        var header = new byte[512];
        Put(0, name);
        Put(100, Octal(mode, 7));
        Put(108, Octal(0, 7));
        Put(116, Octal(0, 7));
        Put(124, Octal(size ?? bytes.Length, 11));
        Put(136, Octal(1_000_000_000, 11));
        Put(148, "        ");
        header[156] = (byte)type;
        Put(157, link);
        Put(257, "ustar\0" + "00");
        Put(329, Octal(major, 7));
        Put(337, Octal(minor, 7));
        Put(148, Octal(header.Sum(octet => octet), 6) + "\0 ");
        _archive.Write(header);
        _archive.Write(bytes);
        _archive.Write(new byte[(512 - bytes.Length % 512) % 512]);
        return this;

        void Put(int at, string text) => Encoding.Latin1.GetBytes(text).CopyTo(header, at);
    }

    public byte[] Build() => [.. _archive.ToArray(), .. new byte[1024]];

    private static string Octal(long value, int digits) => Convert.ToString(value, 8).PadLeft(digits, '0');

    private static string Record(string record)
    {
        var length = record.Length + 3;    // a digit, a space, a line feed
        while ($"{length} {record}\n".Length != length) length++;
        return $"{length} {record}\n";
    }
}
