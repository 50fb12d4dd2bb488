using Firn.Formats.Boot;
using Firn.Machine.Updates;

namespace Firn.Tests.Machine.Updates;

public sealed class MachineHistoryTests
{
    [Fact]
    public void What_is_added_is_read_in_order()
    {
        using var scratch = new Formats.ScratchDirectory();
        var history = new MachineHistory(scratch.File("deep/er/history.jsonl"), TimeProvider.System);

        Assert.Empty(history.Read());
        history.Add(HistoryEvent.Installed, Slot.B, "2", null);
        history.Add(HistoryEvent.Failed, Slot.B, null, "line one\nline two");

        Assert.Equal(
            [(HistoryEvent.Installed, Slot.B, "2", null), (HistoryEvent.Failed, Slot.B, null, "line one\nline two")],
            history.Read().Select(entry => (entry.Event, entry.Slot, entry.Version, entry.Reason)));
        Assert.Equal(2, File.ReadAllLines(scratch.File("deep/er/history.jsonl")).Length);
    }

    [Fact]
    public void A_line_that_a_power_cut_tore_costs_that_line_only()
    {
        using var scratch = new Formats.ScratchDirectory();
        var history = new MachineHistory(scratch.File("history.jsonl"), TimeProvider.System);
        history.Add(HistoryEvent.Installed, Slot.B, "2", null);
        history.Add(HistoryEvent.Confirmed, Slot.B, "2", null);
        var whole = File.ReadAllBytes(scratch.File("history.jsonl"));

        for (var length = 0; length < whole.Length; length++)
        {
            scratch.Write("history.jsonl", whole.AsSpan(0, length));
            history.Add(HistoryEvent.Failed, Slot.A, "3", "why");
            var entries = history.Read();
            Assert.InRange(entries.Length, 1, 3);
            Assert.Equal((HistoryEvent.Failed, "why"), (entries[^1].Event, entries[^1].Reason));
        }
    }

    [Fact]
    public void A_damaged_file_is_read_as_far_as_it_goes()
    {
        using var scratch = new Formats.ScratchDirectory();
        var history = new MachineHistory(scratch.File("history.jsonl"), TimeProvider.System);
        for (var i = 0; i < 5; i++) history.Add(HistoryEvent.Installed, Slot.B, $"{i}", "reason");

        Formats.Damage.IsSurvived(File.ReadAllBytes(scratch.File("history.jsonl")), bytes =>
        {
            scratch.Write("history.jsonl", bytes);
            history.Read();
        });
    }
}
