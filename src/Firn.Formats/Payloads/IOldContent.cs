namespace Firn.Formats.Payloads;

/// <summary>The stored bytes of an image that a machine has. Nothing is believed of them.</summary>
public interface IOldContent
{
    /// <summary>Fills all of <paramref name="destination"/>.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    void Read(long offset, Span<byte> destination);
}
