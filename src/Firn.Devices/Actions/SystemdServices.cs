using Firn.Devices.State;

namespace Firn.Devices.Actions;

/// <summary>systemd by its own client, which waits for the job and knows its result (docs/decisions/0080-device-services.md).</summary>
/// <param name="isUser">The manager of this user rather than the system's.</param>
public sealed class SystemdServices(bool isUser) : CommandLineManager
{
    public override IReadOnlyList<string> CommandFor(ServiceOrder order, string environmentFile) =>
        ["systemctl", .. isUser ? (string[])["--user"] : [], "--no-ask-password", "--quiet", VerbOf(order), "--", $"{order.Target.Unit}.service"];
}
