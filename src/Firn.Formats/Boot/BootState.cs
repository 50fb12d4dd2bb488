using System.Collections.Immutable;

namespace Firn.Formats.Boot;

/// <summary>A slot that must prove itself. At zero tries the trial is over: the confirmed slot boots again.</summary>
/// <param name="Slot">The slot on trial.</param>
/// <param name="TriesLeft">Boots left, 0–9. The boot loader counts down before each boot of the slot.</param>
public sealed record Trial(Slot Slot, int TriesLeft)
{
    public const int MaximumTries = 9;
    public bool IsOver => TriesLeft == 0;
}

/// <summary>
/// What the boot loader does next. A value: only the boot loader's own adapter reads or writes the disk.
/// </summary>
/// <param name="Confirmed">The slot that boots when there is no trial. Never expires.</param>
/// <param name="Trial">The slot being tried, if any; kept at zero tries until someone has seen that it failed.</param>
/// <param name="InstallA">Number of the installation that wrote slot a; 0 for the one the disk was made with.</param>
/// <param name="InstallB">The same for slot b.</param>
/// <param name="LoadFailed">Set by the boot loader when it could not load the kernel or initramfs of the trial.</param>
public sealed record BootState(
    Slot Confirmed, Trial? Trial = null, int InstallA = 0, int InstallB = 0, bool LoadFailed = false)
{
    /// <summary>The slot the next boot starts with.</summary>
    public Slot Next => Trial is { IsOver: false } trial ? trial.Slot : Confirmed;

    public int Install(Slot slot) => slot switch { Slot.A => InstallA, Slot.B => InstallB, _ => 0 };

    /// <summary>Boots <paramref name="slot"/> next; if no boot of it is confirmed, falls back by itself.</summary>
    public BootState Try(Slot slot, int tries)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tries, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tries, Boot.Trial.MaximumTries);
        return this with { Trial = new(slot, tries), LoadFailed = false };
    }

    /// <summary>As <see cref="Try"/>, after something new was written to <paramref name="slot"/>.</summary>
    public BootState TryNewInstall(Slot slot, int tries)
    {
        var install = Math.Max(InstallA, InstallB) + 1;
        var numbered = slot == Slot.A ? this with { InstallA = install } : this with { InstallB = install };
        return numbered.Try(slot, tries);
    }

    public BootState Confirm(Slot running) => this with { Confirmed = running, Trial = null, LoadFailed = false };

    /// <summary>Gives the trial up: the confirmed slot boots next, and the failure can still be read.</summary>
    public BootState Abandon() => this with { Trial = Trial is null ? null : Trial with { TriesLeft = 0 } };

    /// <summary>Forgets a trial that is over, once its failure has been recorded.</summary>
    public BootState Settle() => this with { Trial = null, LoadFailed = false };

    /// <summary>
    /// As variables of a GRUB environment block. <c>end</c> is written last: a block without it was not written whole.
    /// </summary>
    public ImmutableArray<KeyValuePair<string, string>> ToVariables() =>
    [
        new("confirmed", Confirmed.Name()),
        new("trial", Trial?.Slot.Name() ?? "none"),
        new("left", (Trial?.TriesLeft ?? 0).ToString()),
        new("load_failed", LoadFailed ? "1" : "0"),
        new("install_a", InstallA.ToString()),
        new("install_b", InstallB.ToString()),
        new("end", "1"),
    ];

    /// <exception cref="InvalidDataException">A variable is missing or has a value it cannot have.</exception>
    public static BootState FromVariables(IReadOnlyDictionary<string, string> variables)
    {
        if (Get("end") != "1") throw new InvalidDataException("boot state was not written whole");
        if (!SlotNames.TryParse(Get("confirmed"), out var confirmed) || confirmed == Slot.Rescue)
            throw new InvalidDataException($"boot state: confirmed={Get("confirmed")}, expected a or b");
        var left = Number("left", Boot.Trial.MaximumTries);
        Trial? trial = null;
        if (Get("trial") is var name and not "none")
            trial = SlotNames.TryParse(name, out var slot)
                ? new(slot, left)
                : throw new InvalidDataException($"boot state: trial={name}, expected a, b, rescue or none");
        return new(confirmed, trial, Number("install_a"), Number("install_b"), Get("load_failed") == "1");

        string Get(string key) => variables.TryGetValue(key, out var value)
            ? value
            : throw new InvalidDataException($"boot state: {key} is missing");
        int Number(string key, int maximum = int.MaxValue - 1) =>
            int.TryParse(Get(key), System.Globalization.NumberStyles.None, null, out var number) && number <= maximum
                ? number
                : throw new InvalidDataException($"boot state: {key}={Get(key)}, expected a number up to {maximum}");
    }
}
