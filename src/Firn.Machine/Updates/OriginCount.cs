namespace Firn.Machine.Updates;

/// <summary>Adds up where bytes come from.</summary>
internal sealed class OriginCount
{
    private volatile ByteOrigins _total = new();

    public ByteOrigins Total => _total;

    /// <summary>Sent to the source.</summary>
    public int Requests { get; private set; }

    public void AddRequest() => Requests++;

    public void AddSource(long bytes) => _total = _total with { Source = _total.Source + bytes };
    public void AddSlots(long bytes) => _total = _total with { Slots = _total.Slots + bytes };
    public void AddPatches(long bytes) => _total = _total with { Patches = _total.Patches + bytes };
    public void AddKept(long bytes) => _total = _total with { Kept = _total.Kept + bytes };
}
