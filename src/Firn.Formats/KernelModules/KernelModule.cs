using System.Collections.Immutable;

namespace Firn.Formats.KernelModules;

/// <summary>A module of a line of <c>modules.dep</c>.</summary>
/// <param name="Name">As the kernel has it, with <c>_</c> for every <c>-</c>.</param>
/// <param name="Path">Relative to the directory of the kernel's version, e.g. <c>kernel/fs/ext4/ext4.ko.xz</c>.</param>
/// <param name="Dependencies">Paths of all modules it needs, theirs included.</param>
public sealed record KernelModule(string Name, string Path, ImmutableArray<string> Dependencies)
{
    private static readonly string[] Suffixes = [".ko", ".ko.xz", ".ko.zst", ".ko.gz"];

    /// <summary>The name of the module a file holds, or the spelling by which a name is looked up.</summary>
    public static string NameOf(string pathOrName)
    {
        var name = pathOrName[(pathOrName.LastIndexOf('/') + 1)..];
        var suffix = Array.Find(Suffixes, suffix => name.EndsWith(suffix, StringComparison.Ordinal)) ?? "";
        return Normalise(name[..^suffix.Length]);
    }

    internal static string Normalise(string name) => name.Replace('-', '_');
}
