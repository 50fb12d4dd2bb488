using System.Text.Json;
using Firn.Linux.Files;
using Firn.Machine.Updates;

namespace Firn.Web.Machines;

/// <summary>How far the installation is that runs on this machine, whoever began it: a file in /run, of the process that installs.</summary>
public sealed class InstallProgressFile(string path, TimeProvider clock) : IProgress<InstallProgress>, IDisposable
{
    /// <summary>On a machine.</summary>
    public const string FilePath = "run/firn/install.json";

    private const int LimitBytes = 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private InstallStep? _step;
    private long _written;
    private bool _isThere;

    /// <summary>Where it cannot be written nobody sees it; the installation goes on.</summary>
    public void Report(InstallProgress value)
    {
        if (value.Step == _step && clock.GetElapsedTime(_written) < Pause) return;
        (_step, _written) = (value.Step, clock.GetTimestamp());
        _isThere |= SmallFile.TryReplace(path, JsonBytes.Write(json =>
        {
            json.WriteNumber("process", Environment.ProcessId);
            json.WriteString("step", Describe(value.Step));
            json.WriteNumber("doneBytes", value.DoneBytes);
            json.WriteNumber("totalBytes", value.TotalBytes);
        }));
    }

    public void Dispose()
    {
        if (_isThere) File.Delete(path);
    }

    /// <summary>As JSON; null if nothing is being installed.</summary>
    public static byte[]? Read(string path)
    {
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length > LimitBytes) return null;
            var bytes = File.ReadAllBytes(path);
            using var json = JsonDocument.Parse(bytes);
            // one that was killed leaves its file behind
            return Directory.Exists($"/proc/{json.RootElement.GetProperty("process").GetInt32()}") ? bytes : null;
        }
        catch (Exception error) when (error is IOException or JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    public static string Describe(InstallStep step) => step switch
    {
        InstallStep.Compare => "comparing with what the slot holds",
        InstallStep.WriteRoot => "writing the root image",
        InstallStep.WriteBoot => "writing the boot image",
        InstallStep.VerifyRoot => "reading the root image back",
        _ => "reading the boot image back",
    };
}
