using System.CommandLine;

namespace Firn.Cli.Commands.Device;

internal static class DeviceShowCommand
{
    public static Command Create()
    {
        var node = DeviceCommands.Node();
        var attributes = new Option<string[]>("--attribute") { Description = "Also ATTR.name of the device, or ATTRS.name of what it is plugged into", HelpName = "KEY" };
        var (sysfs, json) = (DeviceCommands.Sysfs(), DeviceCommands.Json());
        var command = new Command("show", "Show all properties of a device that rules can ask for") { node, attributes, sysfs, json };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var device = DeviceCommands.Find(DeviceCommands.Tree(parsed.GetValue(sysfs)!), parsed.GetValue(node)!, parsed.GetValue(attributes) ?? []);
            if (parsed.GetValue(json))
                DeviceCommands.WriteJson(output, writer =>
                {
                    writer.WriteStartObject();
                    foreach (var (key, value) in device.Properties) writer.WriteString(key, value);
                    writer.WriteEndObject();
                });
            else
                foreach (var (key, value) in device.Properties) output.WriteLine($"{key}={value}");
        });
        return command;
    }
}
