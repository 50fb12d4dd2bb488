using Firn.Formats.Boot;
using Firn.Linux.Patterns;
using Firn.Machine.Boot;

namespace Firn.Swu.Installing;

/// <summary>What a machine is called in <c>hardware-compatibility</c>.</summary>
internal sealed class HardwareId(string board, string revision)
{
    private const string FileName = "etc/hwrevision";
    private const string DefaultRevision = "1.0";
    private const string Pattern = "#RE:";

    public string Board => board;

    /// <summary><c>/etc/hwrevision</c>, as for SWUpdate; without one, the hardware that the slots know, in revision 1.0.</summary>
    /// <exception cref="InvalidDataException">The file has no two words.</exception>
    /// <exception cref="RefusedException">Nothing says what this is.</exception>
    public static HardwareId Of(MachineDisk disk, MachinePaths paths)
    {
        var file = Path.Combine(paths.Root, FileName);
        if (disk.Running is not null && File.Exists(file))
            return File.ReadAllText(file).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [var name, var number, ..]
                ? new(name, number)
                : throw new InvalidDataException($"{file}: expected the names of board and revision");
        var slots = new SlotStore(disk);
        var release = new[] { disk.Running?.Slot ?? Slot.A, Slot.A, Slot.B, Slot.Rescue }.Distinct().Where(slots.Slots.Contains)
            .Select(slot => slots.Report(slot, 0).Release).FirstOrDefault(found => found is not null)
            ?? throw new RefusedException($"{disk.Name}: no slot says what hardware this is");
        return new(release.Hardware, DefaultRevision);
    }

    /// <exception cref="InvalidDataException">A pattern is none.</exception>
    public bool IsAmong(IEnumerable<string> revisions) => revisions.Any(
        one => one.StartsWith(Pattern, StringComparison.Ordinal) ? PosixPattern.IsMatch(one[Pattern.Length..], revision) : one == revision);

    public override string ToString() => $"{board} {revision}";
}
