using System.CommandLine;
using Firn.Devices.Matching;

namespace Firn.Cli.Commands.Device;

internal static class DeviceSuggestCommand
{
    public static Command Create()
    {
        var node = DeviceCommands.Node();
        var service = new Option<string>("--service") { Description = "What is to be started", HelpName = "NAME", DefaultValueFactory = _ => "NAME" };
        var sysfs = DeviceCommands.Sysfs();
        var command = new Command("suggest", "Write a rule for a device") { node, service, sysfs };
        command.SetAction(parsed =>
        {
            var tree = DeviceCommands.Tree(parsed.GetValue(sysfs)!);
            var device = DeviceCommands.Find(tree, parsed.GetValue(node)!, []);
            var name = parsed.GetValue(service)!;
            var suggestion = SuggestedRule.For(device.Properties, tree.List().Select(other => tree.Describe(other, []).Properties));
            foreach (var warning in suggestion.Warnings) parsed.InvocationConfiguration.Error.WriteLine($"warning: {warning}");
            parsed.InvocationConfiguration.Output.Write(suggestion.ToYaml(name == "NAME" ? device.Properties.GetValueOrDefault("VE_SERVICE", name) : name));
        });
        return command;
    }
}
