namespace Firn.Machine.Overlays;

internal static class BoundedFile
{
    /// <summary>Sizes are not believed: files of the kernel say 0, and a pipe never ends.</summary>
    /// <exception cref="InvalidDataException">There is more than that.</exception>
    public static byte[] Read(string path, int limitBytes)
    {
        using var file = File.OpenRead(path);
        return ReadAsync(file, path, limitBytes).GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Read(string, int)"/>
    public static async Task<byte[]> ReadAsync(Stream stream, string name, int limitBytes)
    {
        var content = new MemoryStream();
        var buffer = new byte[64 << 10];
        for (int count; (count = await stream.ReadAsync(buffer)) > 0; content.Write(buffer, 0, count))
            if (content.Length + count > limitBytes) throw new InvalidDataException($"{name}: more than the {limitBytes} bytes that are taken");
        return content.ToArray();
    }
}
