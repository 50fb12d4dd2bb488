using Firn.Formats.Releases;

namespace Firn.Machine.Boot;

/// <summary>Where a running machine keeps what Firn reads and writes. Another root than <c>/</c> is for tests.</summary>
public sealed record MachinePaths(string Root = "/")
{
    public string KernelCommandLine => Path.Combine(Root, "proc/cmdline");
    public string MountTable => Path.Combine(Root, "proc/self/mountinfo");
    public string Uptime => Path.Combine(Root, "proc/uptime");
    public string BlockDevicesByNumber => Path.Combine(Root, "sys/dev/block");
    public string BlockDevices => Path.Combine(Root, "sys/class/block");
    public string NetworkDevices => Path.Combine(Root, "sys/class/net");
    public string EfiVariables => Path.Combine(Root, "sys/firmware/efi/efivars");

    /// <summary>What QEMU tells its guest by name.</summary>
    public string FwCfg => Path.Combine(Root, "sys/firmware/qemu_fw_cfg/by_name");
    public string Devices => Path.Combine(Root, "dev");
    public string DeviceMapper => Path.Combine(Devices, "mapper/control");
    public string Data => Path.Combine(Root, "data");

    /// <summary>Where the root image is mounted when overlays lie over it.</summary>
    public string RootImage => Path.Combine(Root, "run/firn/root");

    /// <summary>What the recipe says of overlays; absent if nothing.</summary>
    public string OverlaySettings => Path.Combine(Root, Formats.Overlays.OverlaySettings.SettingsPath);

    /// <summary>What was applied at this boot, and what the initramfs lays over the root image.</summary>
    public string OverlayRuntime => Path.Combine(Root, "run/firn/overlay");
    public string OverlayMounts => Path.Combine(OverlayRuntime, "mounts");

    /// <summary>Overlays from boot to boot, and what they displaced.</summary>
    public string OverlayState => Path.Combine(Root, "data/firn/overlay");

    /// <summary>Whether the initramfs has brought the network up yet.</summary>
    public string NetworkStage => Path.Combine(Root, "run/firn/network");

    /// <summary>Held while boot state or slots are changed.</summary>
    public string Lock => Path.Combine(Root, "run/firn/lock");

    /// <summary>Its existence tells the guard of a trial boot that the machine may go on.</summary>
    public string Healthy => Path.Combine(Root, "run/firn/healthy");

    /// <summary>There while the rescue system runs: a word that says why.</summary>
    public string Rescue => Path.Combine(Root, "run/firn/rescue");
    public string RescueReport => Path.Combine(Root, "run/firn/rescue.json");

    /// <summary>For root alone: settings that the rescue system starts with, and what it has tried.</summary>
    public string RescueState => Path.Combine(Root, "data/firn/rescue");

    public string SystemdRuntime => Path.Combine(Root, "run/systemd/system");

    /// <summary>Which repository the image was made for; absent if none.</summary>
    public string RepositoryOfImage => Path.Combine(Root, RepositorySettings.SettingsPath);

    /// <summary>Put before that by a person.</summary>
    public string RepositoryOfPerson => Path.Combine(Root, "etc/firn/repository.json");

    /// <summary>Root metadata that trust begins with; part of the image, which cannot be written.</summary>
    public string TrustedRoot => Path.Combine(Root, RepositorySettings.RootPath);

    /// <summary>Metadata that was believed last.</summary>
    public string TrustState => Path.Combine(Root, "data/firn/trust");

    /// <summary>When metadata was last found to be in time.</summary>
    public string SeenTime => Path.Combine(Root, "data/firn/trust/seen-time");

    /// <summary>Held while that is read and changed.</summary>
    public string TrustLock => Path.Combine(Root, "run/firn/trust-lock");

    /// <summary>Tells machines apart; machine-id(5).</summary>
    public string MachineId => Path.Combine(Root, "etc/machine-id");

    /// <summary>What happened to this machine's slots, one JSON record per line.</summary>
    public string History => Path.Combine(Root, "data/firn/history.jsonl");

    /// <summary>Block indexes of images in the slots; each can be made anew.</summary>
    public string BlockIndexes => Path.Combine(Root, "data/firn/index");

    /// <summary>How fast the network was, in bytes per second.</summary>
    public string TransferRate => Path.Combine(Root, "data/firn/transfer-rate");

    /// <summary>How far the last trial boot came, in a word.</summary>
    public string TrialStage => Path.Combine(Root, "data/firn/boot/stage");

    /// <summary>Why the last trial was given up.</summary>
    public string TrialReason => Path.Combine(Root, "data/firn/boot/reason");
}
