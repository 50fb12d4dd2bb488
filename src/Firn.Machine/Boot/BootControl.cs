using Firn.Formats.Boot;

namespace Firn.Machine.Boot;

/// <summary>Boot state by hand: what a person may ask for, and what must hold before it is done.</summary>
public sealed class BootControl(MachineDisk disk, IBootLoader bootLoader)
{
    private readonly SlotStore _slots = new(disk);

    public BootReport Show() => Report(bootLoader.Read());

    /// <summary>Boots a slot next, on trial: if that boot is never confirmed, the confirmed slot boots again.</summary>
    /// <exception cref="RefusedException">It is confirmed already, or holds nothing that could boot.</exception>
    public BootReport Try(Slot slot, int tries)
    {
        using var held = disk.Lock();
        var state = bootLoader.Read();
        RequireSlot(slot);
        if (slot == state.Confirmed)
            throw new RefusedException($"slot {slot.Name()} is confirmed: it boots without a trial");
        try
        {
            _slots.ReadRelease(slot);
        }
        catch (InvalidDataException error)
        {
            throw new RefusedException($"slot {slot.Name()} cannot boot: {error.Message}");
        }
        return Write(state.Try(slot, tries));
    }

    /// <summary>Makes a slot the confirmed one and ends any trial.</summary>
    /// <exception cref="RefusedException">It holds no complete system.</exception>
    public BootReport Set(Slot slot, CancellationToken cancellation)
    {
        using var held = disk.Lock();
        RequireSlot(slot);
        if (slot == Slot.Rescue) throw new RefusedException("the rescue slot cannot be confirmed; try it: firn boot try rescue");
        _slots.CheckComplete(slot, cancellation);
        return Write(ReadOrStartAnew(slot).Confirm(slot));
    }

    private BootReport Write(BootState state)
    {
        bootLoader.Write(state);
        return Report(state);
    }

    /// <summary>This is also how an unreadable boot state is repaired; of the install numbers only one can be known then.</summary>
    private BootState ReadOrStartAnew(Slot slot)
    {
        try
        {
            return bootLoader.Read();
        }
        catch (InvalidDataException)
        {
            return new(slot, null, Known(Slot.A), Known(Slot.B));
        }

        int Known(Slot which) => disk.Running is { } running && running.Slot == which ? running.Install : 0;
    }

    private void RequireSlot(Slot slot)
    {
        if (!_slots.Slots.Contains(slot)) throw new RefusedException($"{disk.Name} has no slot {slot.Name()}");
    }

    private BootReport Report(BootState state) => new(
        disk.Name, disk.Running?.Slot, disk.Running?.IsTrial ?? false, state.Confirmed, state.Next, TrialReport.Of(state, disk.Running?.Slot),
        [.. _slots.Slots.Select(slot => _slots.Report(slot, state.Install(slot)))], disk.Verity);
}
