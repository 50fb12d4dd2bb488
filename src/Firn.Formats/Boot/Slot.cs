namespace Firn.Formats.Boot;

/// <summary>One of the places a system can boot from. <see cref="Rescue"/> is never written by an update.</summary>
public enum Slot { A, B, Rescue }

public static class SlotNames
{
    /// <summary>The name people and boot loaders use: <c>a</c>, <c>b</c>, <c>rescue</c>.</summary>
    public static string Name(this Slot slot) => slot switch { Slot.A => "a", Slot.B => "b", _ => "rescue" };

    /// <summary>The slot an update is written to while <paramref name="slot"/> stays as it is.</summary>
    public static Slot Other(this Slot slot) => slot == Slot.A ? Slot.B : Slot.A;

    public static bool TryParse(string? name, out Slot slot)
    {
        slot = name switch { "b" => Slot.B, "rescue" => Slot.Rescue, _ => Slot.A };
        return name is "a" or "b" or "rescue";
    }
}
