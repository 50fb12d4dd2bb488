using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Firn.SystemTests;

/// <summary>A disk with a small Linux that logs people in on the serial console; made once by linux-disk.sh.</summary>
internal static class LinuxDisk
{
    /// <summary>root's on that disk.</summary>
    public const string Password = "secret";

    private static readonly Lazy<string> Made = new(() => Make());

    public static string Path => Made.Value;

    private static string Make([CallerFilePath] string here = "")
    {
        var directory = System.IO.Path.GetDirectoryName(here)!;
        var cache = System.IO.Path.GetFullPath(System.IO.Path.Combine(directory, "..", "..", "artifacts", "test-material"));
        Directory.CreateDirectory(cache);
        var disk = System.IO.Path.Combine(cache, "linux.img");
        var script = System.IO.Path.Combine(directory, "linux-disk.sh");
        if (File.Exists(disk) && File.GetLastWriteTimeUtc(disk) > File.GetLastWriteTimeUtc(script)) return disk;

        // A half-made disk never has the name that the next run looks for.
        using var process = Process.Start(new ProcessStartInfo("sh", [script, disk + ".new", cache]) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"linux-disk.sh: {errors}");
        File.Move(disk + ".new", disk, overwrite: true);
        return disk;
    }
}
