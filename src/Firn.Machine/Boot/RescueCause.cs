namespace Firn.Machine.Boot;

/// <summary>Why the rescue system runs. The initramfs says it in <see cref="MachinePaths.Rescue"/>.</summary>
public enum RescueCause
{
    /// <summary>A person wanted it: <c>firn boot try rescue</c>, or the boot menu.</summary>
    Asked,

    /// <summary>GRUB could load neither slot.</summary>
    BootImages,

    /// <summary>The root image of the slot that was started cannot be mounted.</summary>
    RootImage,

    /// <summary>The image must not run without an overlay, and there is none.</summary>
    Overlay,
}

public static class RescueCauses
{
    /// <summary>Null where another system than rescue runs.</summary>
    public static RescueCause? Read(MachinePaths paths) => !File.Exists(paths.Rescue) ? null : File.ReadAllText(paths.Rescue).Trim() switch
    {
        "boot-images" => RescueCause.BootImages,
        "root-image" => RescueCause.RootImage,
        "overlay" => RescueCause.Overlay,
        _ => RescueCause.Asked,    // nothing happens by itself then
    };

    /// <summary>For people, after "rescue:".</summary>
    public static string Words(this RescueCause cause) => cause switch
    {
        RescueCause.BootImages => "neither slot could be loaded",
        RescueCause.RootImage => "the root image of the slot that was started cannot be mounted",
        RescueCause.Overlay => "there is no overlay that can be taken, and the image does not run without",
        _ => "somebody asked for it",
    };
}
