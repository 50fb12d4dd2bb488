using System.Globalization;

namespace Firn.Supervision.Logs;

/// <summary>Rotation of a file that someone else has open for appending.</summary>
internal static class CopyTruncate
{
    public static void Rotate(string path, int keep)
    {
        var directory = Path.GetDirectoryName(path)!;
        var name = DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss.fffffff'Z'", CultureInfo.InvariantCulture);
        File.Copy(path, $"{directory}/{name}");
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(0);
        var old = new List<string>();
        foreach (var other in Directory.GetFiles(directory))
            if (Path.GetFileName(other) != LogFile.Current) old.Add(other);
        old.Sort(StringComparer.Ordinal);
        for (var i = 0; i < old.Count - keep + 1; i++) File.Delete(old[i]);
    }
}
