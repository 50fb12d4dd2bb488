using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Firn.Formats.Boot;

namespace Firn.Tests.Machine.Crashes;

/// <param name="Slot">What GRUB starts.</param>
/// <param name="IsTrial">With a try taken.</param>
internal readonly record struct Start(Slot Slot, bool IsTrial);

/// <summary>
/// What <c>grub.cfg</c> does, step by step and in its words; not what Firn's own reader of the boot state does. Real GRUB is
/// asked the same questions in a virtual machine: <c>GrubDecidesAsTheModelSays</c>.
/// </summary>
internal static class GrubModel
{
    private static readonly byte[] Signature = "# GRUB Environment Block\n"u8.ToArray();

    /// <summary>What is started, boot after boot, if no trial is ever confirmed; empty if nothing can be loaded.</summary>
    /// <param name="primary"><c>state1.env</c>; counted down as GRUB does.</param>
    /// <param name="backup"><c>state2.env</c>.</param>
    /// <param name="canLoad">Whether GRUB can load the slot's kernel and initramfs.</param>
    public static List<Start> Boots(byte[] primary, byte[] backup, Func<Slot, bool> canLoad)
    {
        var starts = new List<Start>();
        for (var boot = 0; boot <= Trial.MaximumTries + 1; boot++)
        {
            if (Boot(primary, backup, canLoad) is not { } start) return starts;
            starts.Add(start);
            if (!start.IsTrial) return starts;
        }
        throw new InvalidOperationException("a trial does not end");
    }

    private static Start? Boot(byte[] primary, byte[] backup, Func<Slot, bool> canLoad)
    {
        var variables = new Dictionary<string, string>();
        var file = primary;
        LoadState(primary, variables);
        if (!variables.ContainsKey("confirmed")) LoadState(file = backup, variables);
        if (!variables.ContainsKey("confirmed")) (variables["confirmed"], variables["trial"]) = ("a", "none");

        var trial = variables.GetValueOrDefault("trial", "");
        if (trial is "a" or "b" or "rescue" && variables.GetValueOrDefault("left") != "0" && TakeTry(file, variables))
        {
            if (canLoad(SlotOf(trial))) return new(SlotOf(trial), IsTrial: true);
            Save(file, "left", "0");
            Save(file, "load_failed", "1");
        }
        var confirmed = variables["confirmed"];
        var other = confirmed == "a" ? "b" : "a";
        foreach (var name in trial == other ? [confirmed, "rescue", other] : new[] { confirmed, other, "rescue" })
            if (canLoad(SlotOf(name))) return new(SlotOf(name), IsTrial: false);
        return null;
    }

    private static void LoadState(byte[] file, Dictionary<string, string> variables)
    {
        variables.Remove("confirmed");
        variables.Remove("end");
        foreach (var (name, value) in Parse(file)) variables[name] = value;
        if (variables.GetValueOrDefault("end") != "1" || variables.GetValueOrDefault("confirmed") is not ("a" or "b")) variables.Remove("confirmed");
    }

    /// <summary>The chain of ifs of <c>boot_trial</c>: any other number of tries is none.</summary>
    private static bool TakeTry(byte[] file, Dictionary<string, string> variables) =>
        variables.GetValueOrDefault("left") is { Length: 1 } left && left[0] is >= '1' and <= '9' && Save(file, "left", $"{left[0] - '1'}");

    /// <summary>A comment goes to the end of its line, a value too, and what has no end is left out.</summary>
    private static List<(string Name, string Value)> Parse(byte[] file)
    {
        var variables = new List<(string, string)>();
        if (!file.AsSpan().StartsWith(Signature)) return variables;
        for (var at = Signature.Length; at < file.Length; at++)
        {
            var begin = at;
            if (file[at] == '#')
            {
                while (at < file.Length && file[at] != '\n') at++;
                continue;
            }
            while (at < file.Length && file[at] != '=') at++;
            var equals = at;
            while (at < file.Length && file[at] != '\n') at += file[at] == '\\' ? 2 : 1;
            if (at >= file.Length) break;
            variables.Add((Encoding.Latin1.GetString(file[begin..equals]), Encoding.Latin1.GetString(file[(equals + 1)..at]).Replace("\\", "")));
        }
        return variables;
    }

    /// <summary>Values of the same length are replaced where they are; no other are ever saved.</summary>
    private static bool Save(byte[] file, string name, string value)
    {
        if (!file.AsSpan().StartsWith(Signature)) return false;
        var at = file.AsSpan().IndexOf(Encoding.Latin1.GetBytes($"\n{name}="));
        if (at < 0) return false;
        Encoding.Latin1.GetBytes(value, file.AsSpan(at + name.Length + 2));
        return true;
    }

    /// <summary>GRUB's first question to a FAT: a sector size of at least 512, a power of two.</summary>
    public static bool LooksLikeFat(ReadOnlySpan<byte> partition) =>
        BinaryPrimitives.ReadUInt16LittleEndian(partition[11..]) is >= 512 and var size && BitOperations.IsPow2(size);

    private static Slot SlotOf(string name) => name switch { "a" => Slot.A, "b" => Slot.B, _ => Slot.Rescue };
}
