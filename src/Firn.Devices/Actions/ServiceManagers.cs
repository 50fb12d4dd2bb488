namespace Firn.Devices.Actions;

/// <summary>Service managers by name.</summary>
public static class ServiceManagers
{
    public const string Expected = "auto, systemd, systemd-user, pm, or the path of a program";

    /// <param name="program">This <c>firn</c>.</param>
    /// <param name="pmHome">For <c>pm</c>; null: where it is by itself.</param>
    /// <returns>Null when there is none of that name.</returns>
    public static IServiceManager? Find(string name, string program, string? pmHome) => name switch
    {
        "auto" => Find(Directory.Exists("/run/systemd/system") ? "systemd" : "pm", program, pmHome),    // sd_booted(3)
        "systemd" => new SystemdServices(isUser: false),
        "systemd-user" => new SystemdServices(isUser: true),
        "pm" => new PmServices(program, pmHome),
        ['/', ..] => new ProgramServices(name),
        _ => null,
    };
}
