namespace Firn.Formats.Payloads;

/// <summary>A compressor or a decompressor with the memory it works in, until it is disposed.</summary>
/// <param name="Run">What it does.</param>
/// <param name="Owner">Has the memory.</param>
public sealed record OwnedCodec<T>(T Run, IDisposable Owner) : IDisposable where T : Delegate
{
    public void Dispose() => Owner.Dispose();
}
