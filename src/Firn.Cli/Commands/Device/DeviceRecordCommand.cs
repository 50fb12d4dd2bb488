using System.CommandLine;
using System.Runtime.InteropServices;
using Firn.Devices.Recording;
using Firn.Devices.Watching;

namespace Firn.Cli.Commands.Device;

internal static class DeviceRecordCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "Where to" };
        var source = new Option<EventSource>("--source") { Description = "kernel, udev, or auto: udev where it runs", DefaultValueFactory = _ => EventSource.Auto };
        var count = new Option<int>("--count") { Description = "End after so many events; otherwise when interrupted", HelpName = "N" };
        var (rules, sysfs) = (DeviceCommands.Rules(), DeviceCommands.Sysfs());
        var command = new Command("record", "Write down events of devices, for replay") { file, source, count, rules, sysfs };
        command.SetAction(parsed =>
        {
            var isUdev = parsed.GetValue(source) is EventSource.Udev || (parsed.GetValue(source) is EventSource.Auto && File.Exists("/run/udev/control"));
            using var cancellation = new CancellationTokenSource();
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var end = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            using var stream = parsed.GetValue(file)!.Create();
            var recorded = Recorder.Run(
                stream, DeviceCommands.Tree(parsed.GetValue(sysfs)!), isUdev, DeviceCommands.RuleSet(parsed.GetValue(rules)).Attributes,
                parsed.GetValue(count), TimeProvider.System, () => parsed.InvocationConfiguration.Error.WriteLine("recording"), cancellation.Token);
            parsed.InvocationConfiguration.Output.WriteLine($"{recorded} events");

            void Stop(PosixSignalContext context)
            {
                context.Cancel = true;
                cancellation.Cancel();
            }
        });
        return command;
    }
}
