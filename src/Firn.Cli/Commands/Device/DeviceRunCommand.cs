using System.CommandLine;
using System.Runtime.InteropServices;
using Firn.Devices.Actions;
using Firn.Devices.Watching;
using Firn.Linux.Sockets;

namespace Firn.Cli.Commands.Device;

internal static class DeviceRunCommand
{
    public static Command Create()
    {
        var rules = DeviceCommands.Rules();
        var source = new Option<EventSource>("--source")
        {
            Description = "Who tells of devices: kernel, udev, none, or auto: udev where it runs",
            DefaultValueFactory = _ => EventSource.Auto,
        };
        var manager = new Option<string>("--manager")
        {
            Description = $"Who starts services: {ServiceManagers.Expected}",
            HelpName = "NAME",
            DefaultValueFactory = _ => "auto",
        };
        var home = new Option<string?>("--pm-home") { Description = "The directory of the manager that pm means", HelpName = "DIR" };
        var socket = new Option<string>("--socket")
        {
            Description = "Where events are sent to; none for no such place",
            HelpName = "PATH",
            DefaultValueFactory = _ => DaemonOptions.DefaultSocket,
        };
        var group = new Option<uint?>("--socket-group") { Description = "Number of a group whose members may send events, besides root", HelpName = "GID" };
        var dev = new Option<string>("--dev") { Description = "Where symbolic links to devices are made", HelpName = "DIR", DefaultValueFactory = _ => "/dev" };
        var (state, sysfs, user, site) = (DeviceCommands.State(), DeviceCommands.Sysfs(), DeviceCommands.User(), DeviceCommands.Site());
        var command = new Command("run", "Watch for devices until told to end")
        {
            rules, source, manager, home, socket, group, dev, state, sysfs, user, site,
        };
        command.SetAction(parsed =>
        {
            var error = parsed.InvocationConfiguration.Error;
            var name = parsed.GetValue(manager)!;
            if (ServiceManagers.Find(name, Environment.ProcessPath!, parsed.GetValue(home)) is not { } services)
            {
                error.WriteLine($"--manager cannot be '{name}'; expected {ServiceManagers.Expected}");
                return ExitCode.WrongUsage;
            }
            var options = new DaemonOptions(DeviceCommands.RulePaths(parsed.GetValue(rules)))
            {
                Source = parsed.GetValue(source),
                State = parsed.GetValue(state)!,
                Dev = parsed.GetValue(dev)!,
                Socket = parsed.GetValue(socket) is "none" ? null : parsed.GetValue(socket),
                SocketGroup = parsed.GetValue(group),
                User = parsed.GetValue(user) ?? Environment.UserName,
                Site = parsed.GetValue(site),
            };
            using var daemon = new DeviceDaemon(options, DeviceCommands.Tree(parsed.GetValue(sysfs)!), services, TimeProvider.System, error.WriteLine);
            using var end = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var reload = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
            {
                context.Cancel = true;
                daemon.RequestReload();
            });
            daemon.Run(() =>
            {
                error.WriteLine("watching for devices");
                if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 0 } notify) UnixSocket.SendTo(notify, "READY=1");
            });
            return 0;

            void Stop(PosixSignalContext context)
            {
                context.Cancel = true;
                daemon.Stop();
            }
        });
        return command;
    }
}
