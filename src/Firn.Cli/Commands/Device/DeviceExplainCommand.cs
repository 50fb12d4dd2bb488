using System.CommandLine;
using Firn.Devices.Explaining;
using Firn.Devices.Matching;

namespace Firn.Cli.Commands.Device;

internal static class DeviceExplainCommand
{
    public static Command Create()
    {
        var node = DeviceCommands.Node();
        var image = new Option<DirectoryInfo>("--image") { Description = "The tree of a Venus OS image", HelpName = "DIR", Required = true };
        var sysfs = DeviceCommands.Sysfs();
        var command = new Command("explain", "Show what Victron's prober would do with a serial port, without opening it") { node, image, sysfs };
        command.SetAction(parsed =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var tree = DeviceCommands.Tree(parsed.GetValue(sysfs)!);
            var device = DeviceCommands.Find(tree, parsed.GetValue(node)!, []);
            if (!parsed.GetValue(image)!.Exists) throw new DirectoryNotFoundException($"{parsed.GetValue(image)}: no such directory");
            var hasParent = tree.Sysfs.LinkName(device.DevPath, "device") is not null;
            var verdict = ProberVerdict.For(device.Properties, ChainLink.Of(tree.Sysfs, device.DevPath), hasParent, parsed.GetValue(image)!.FullName);
            foreach (var note in verdict.Notes) error.WriteLine($"note: {note}");
            output.WriteLine($"# {verdict.Reason}");
            if (verdict.Programs.Count == 0)
            {
                output.WriteLine("# the prober leaves it alone");
                return;
            }
            output.WriteLine(verdict.Programs.Count == 1 ? $"# starts {verdict.Programs[0]}" : $"# tries one after the other: {string.Join(", ", verdict.Programs)}");
            for (var i = 0; i < verdict.Programs.Count; i++)
                output.WriteLine($"#   {verdict.Programs[i]}: {(verdict.Commands[i].Length > 0 ? verdict.Commands[i] : "the image has no template for it")}");
            var suggestion = SuggestedRule.For(device.Properties, tree.List().Select(other => tree.Describe(other, []).Properties));
            foreach (var warning in suggestion.Warnings) error.WriteLine($"warning: {warning}");
            output.Write(suggestion.ToYaml(verdict.Programs[0]));
        });
        return command;
    }
}
