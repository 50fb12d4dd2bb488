using System.Globalization;
using Firn.Linux.Files;

namespace Firn.Machine.Updates;

/// <summary>How fast the network was when something was last fetched.</summary>
/// <param name="path">Where that is kept; null for nowhere.</param>
internal sealed class TransferRate(string? path)
{
    /// <summary>Less says nothing about the network.</summary>
    private const long LeastBytes = 1 << 20;

    /// <summary>Bytes per second; null if unknown.</summary>
    public double? Read() =>
        path is not null && File.Exists(path) && double.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out var rate) && rate is > 0 and < 1e12
            ? rate : null;

    public void Keep(long bytes, TimeSpan took)
    {
        if (path is null || bytes < LeastBytes || took <= TimeSpan.Zero) return;
        try
        {
            DurableFile.Replace(path, string.Create(CultureInfo.InvariantCulture, $"{bytes / took.TotalSeconds:0}\n"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // only a guess is lost
        }
    }
}
