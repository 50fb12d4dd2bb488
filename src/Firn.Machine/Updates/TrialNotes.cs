using System.Text;
using Firn.Formats.Boot;
using Firn.Linux.Files;
using Firn.Machine.Boot;

namespace Firn.Machine.Updates;

/// <summary>
/// What a trial boot leaves on the data partition for the boot after it: how far it came, and why it was given up. The
/// initramfs writes the first stages.
/// </summary>
public sealed class TrialNotes(MachinePaths paths)
{
    public const string UserlandStage = "userland";
    private const int LimitBytes = 4096;

    public void ReachedUserland() => DurableFile.Replace(paths.TrialStage, UserlandStage + "\n");

    public void GaveUp(string reason) => DurableFile.Replace(paths.TrialReason, reason + "\n");

    public void Clear()
    {
        DurableFile.Remove(paths.TrialReason);
        DurableFile.Remove(paths.TrialStage);
    }

    /// <summary>Why a trial that is over was not confirmed, as well as can be told.</summary>
    public string WhyFailed(BootState state)
    {
        if (state.LoadFailed) return "GRUB could not load its kernel or initramfs";
        return Read(paths.TrialReason) ?? Read(paths.TrialStage) switch
        {
            "initramfs" => "stopped after stage 'initramfs': its root filesystem was not mounted",
            "root" => "stopped after stage 'root': its root filesystem was mounted, but not handed over to",
            "switch-root" => "stopped after stage 'switch-root': its init was started, but did not get to its services",
            UserlandStage => "stopped after stage 'userland': its services were starting, but its health checks did not end",
            null => "stopped before its initramfs (the kernel did not start, or came to a halt)",
            var stage => $"stopped after stage '{stage}'",
        };
    }

    private static string? Read(string path)
    {
        if (!File.Exists(path)) return null;
        using var file = File.OpenRead(path);
        var bytes = new byte[LimitBytes];
        var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var text = new string([.. Encoding.UTF8.GetString(bytes, 0, count).Where(c => c == '\n' || !char.IsControl(c))]).Trim();
        return text.Length == 0 ? null : text;
    }
}
