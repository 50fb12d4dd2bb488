using System.Globalization;

namespace Firn.Linux.Mounts;

/// <summary>One line of <c>/proc/self/mountinfo</c>, proc_pid_mountinfo(5).</summary>
/// <param name="MountPoint">Where it is mounted, as this process sees it.</param>
/// <param name="Type">e.g. <c>squashfs</c>.</param>
/// <param name="Source">e.g. <c>/dev/vda4</c>; what whoever mounted it called it.</param>
/// <param name="Major">Of the device; 0 where the filesystem has none.</param>
/// <param name="Minor">The same.</param>
public sealed record MountEntry(string MountPoint, string Type, string Source, uint Major, uint Minor);

public static class MountTable
{
    /// <exception cref="InvalidDataException">A line is not as the kernel writes it.</exception>
    public static List<MountEntry> Parse(IEnumerable<string> lines) => [.. lines.Where(line => line.Length > 0).Select(Parse)];

    private static MountEntry Parse(string line)
    {
        // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
        var fields = line.Split(' ');
        var separator = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
        if (separator >= 0 && fields.Length >= separator + 3 && fields[2].Split(':') is [var major, var minor]
            && uint.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var majorNumber)
            && uint.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out var minorNumber))
            return new(Unescape(fields[4]), fields[separator + 1], Unescape(fields[separator + 2]), majorNumber, minorNumber);
        throw new InvalidDataException($"mountinfo: cannot understand '{line}'");
    }

    /// <summary>Space, tab, newline and backslash are written as three octal digits.</summary>
    private static string Unescape(string field) => field
        .Replace(@"\040", " ").Replace(@"\011", "\t").Replace(@"\012", "\n").Replace(@"\134", @"\");
}
