namespace Firn.Machine.Updates;

/// <summary>Adds up where bytes come from. For several threads.</summary>
internal sealed class OriginCount
{
    private readonly Lock _adding = new();
    private volatile ByteOrigins _total = new();
    private volatile int _requests;

    public ByteOrigins Total => _total;

    /// <summary>Sent to the source.</summary>
    public int Requests => _requests;

    public void AddRequest() => Interlocked.Increment(ref _requests);

    public void AddSource(long bytes) => Add(new(Source: bytes));
    public void AddSlots(long bytes) => Add(new(Slots: bytes));
    public void AddPatches(long bytes) => Add(new(Patches: bytes));
    public void AddKept(long bytes) => Add(new(Kept: bytes));

    private void Add(ByteOrigins more)
    {
        lock (_adding)
            _total = new(_total.Source + more.Source, _total.Slots + more.Slots, _total.Patches + more.Patches, _total.Kept + more.Kept);
    }
}
