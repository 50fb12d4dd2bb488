namespace Firn.Trust.Client;

internal static class BoundedRead
{
    private const int FirstBytes = 16 << 10;

    /// <summary>Reads all of a stream, as long as it is short.</summary>
    /// <exception cref="TrustException">It is longer than <paramref name="maximumBytes"/>: an endless one ends here.</exception>
    public static async Task<byte[]> AllAsync(Stream stream, int maximumBytes, string subject, CancellationToken cancellation)
    {
        var buffer = new byte[Math.Min(FirstBytes, maximumBytes + 1)];
        var count = 0;
        while (true)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(count), cancellation);
            count += read;
            if (read == 0) return buffer[..count];
            if (count > maximumBytes)
                throw new TrustException(TrustFailure.WrongLength, subject, $"has more than the {maximumBytes} bytes it may have");
            if (count == buffer.Length) Array.Resize(ref buffer, (int)Math.Min(buffer.Length * 2L, maximumBytes + 1L));
        }
    }
}
