using Firn.Devices.State;

namespace Firn.Devices.Actions;

/// <summary>Any other manager: a program that is called as <c>PROGRAM start|restart|stop UNIT ENVIRONMENT-FILE</c>.</summary>
public sealed class ProgramServices(string program) : CommandLineManager
{
    public override IReadOnlyList<string> CommandFor(ServiceOrder order, string environmentFile) =>
        [program, VerbOf(order), order.Target.Unit, environmentFile];
}
