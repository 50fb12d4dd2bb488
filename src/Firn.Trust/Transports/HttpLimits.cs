namespace Firn.Trust.Transports;

/// <summary>How long a server may take.</summary>
/// <param name="ConnectTimeout">Until a connection stands.</param>
/// <param name="StallTimeout">Until an answer begins, and then for every <paramref name="StallBytes"/> of it.</param>
/// <param name="StallBytes">Slower than this per timeout is as good as not at all.</param>
/// <param name="MaximumRedirects">More lead in a circle.</param>
public sealed record HttpLimits(TimeSpan ConnectTimeout, TimeSpan StallTimeout, int StallBytes, int MaximumRedirects)
{
    public HttpLimits() : this(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(60), 64 << 10, 5) { }
}
