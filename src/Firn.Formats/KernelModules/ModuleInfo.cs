using System.Collections.Immutable;
using System.Text;
using Firn.Formats.Elf;

namespace Firn.Formats.KernelModules;

/// <summary>What a kernel module says of itself: the <c>.modinfo</c> section, as modinfo(8) shows it.</summary>
/// <param name="Entries">Keys and values in the order of the file; most keys may stand several times.</param>
public sealed record ModuleInfo(ImmutableArray<KeyValuePair<string, string>> Entries)
{
    /// <summary>Files the module may ask for at run time, relative to <c>/lib/firmware</c>.</summary>
    public IEnumerable<string> Firmware => All("firmware");

    public IEnumerable<string> All(string key) => Entries.Where(entry => entry.Key == key).Select(entry => entry.Value);

    /// <param name="elf">A module, not compressed.</param>
    /// <exception cref="InvalidDataException">Not a kernel module of a 64-bit little-endian machine.</exception>
    public static ModuleInfo Read(ReadOnlySpan<byte> elf)
    {
        var section = new ElfFile(elf).Section(".modinfo"u8);
        var entries = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (var range in section.Split((byte)0))
        {
            var text = Encoding.UTF8.GetString(section[range]);
            var equals = text.IndexOf('=');
            if (equals > 0) entries.Add(new(text[..equals], text[(equals + 1)..]));
        }
        return new(entries.ToImmutable());
    }
}
