using Firn.Linux.Files;

namespace Firn.Trust.Client;

/// <summary>Brings a target into a file. What a broken transfer left behind is used by the next one.</summary>
public static class TargetDownload
{
    private const int BufferBytes = 128 << 10;

    /// <summary>Does nothing if the file is there and right. The file is never there with other bytes than those that are signed.</summary>
    /// <exception cref="TrustException">What comes is not what is signed.</exception>
    /// <exception cref="IOException">It cannot be had, or not be written.</exception>
    public static async Task RunAsync(TrustClient client, TrustedTarget target, string path, CancellationToken cancellation)
    {
        if (await IsThereAsync(target, path, cancellation)) return;
        var partial = $"{path}.part";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            await FetchAsync(client, target, partial, cancellation);
        }
        catch (TrustException)
        {
            File.Delete(partial);    // whatever is wrong with it, going on from there would be wrong again
            throw;
        }
        DurableFile.Move(partial, path);
    }

    private static async Task FetchAsync(TrustClient client, TrustedTarget target, string partial, CancellationToken cancellation)
    {
        await using var file = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, BufferBytes);
        if (file.Length > target.File.SizeBytes) file.SetLength(0);
        await using var body = await client.ResumeAsync(target, file, cancellation);
        await body.CopyToAsync(file, BufferBytes, cancellation);
        file.Flush(flushToDisk: true);
    }

    private static async Task<bool> IsThereAsync(TrustedTarget target, string path, CancellationToken cancellation)
    {
        if (!File.Exists(path) || new FileInfo(path).Length != target.File.SizeBytes) return false;
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
        await using var check = new VerifyingStream(file, target.File, target.Path);
        try
        {
            await check.CopyToAsync(Stream.Null, BufferBytes, cancellation);
            return true;
        }
        catch (TrustException)
        {
            return false;
        }
    }
}
