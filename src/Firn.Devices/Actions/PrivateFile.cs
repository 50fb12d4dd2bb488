using Firn.Linux.Files;

namespace Firn.Devices.Actions;

/// <summary>Files that their owner alone may read, replaced whole; what they hold is of this boot only, so nothing is synced.</summary>
internal static class PrivateFile
{
    public static void Replace(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var beside = path + ".new";
        File.Delete(beside);
        using (var file = RawFiles.Create(RawPath.From(beside))) RandomAccess.Write(file, System.Text.Encoding.UTF8.GetBytes(text), 0);
        RawFiles.Rename(RawPath.From(beside), RawPath.From(path));
    }
}
