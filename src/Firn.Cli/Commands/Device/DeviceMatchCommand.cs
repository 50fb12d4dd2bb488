using System.CommandLine;
using Firn.Devices.Matching;

namespace Firn.Cli.Commands.Device;

internal static class DeviceMatchCommand
{
    public static Command Create()
    {
        var node = DeviceCommands.Node();
        var (rules, sysfs, user, site) = (DeviceCommands.Rules(), DeviceCommands.Sysfs(), DeviceCommands.User(), DeviceCommands.Site());
        var command = new Command("match", "Show of each rule why it fits a device or not; exit code 3 when nothing is started for it") { node, rules, sysfs, user, site };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var set = DeviceCommands.RuleSet(parsed.GetValue(rules), parsed.GetValue(user), parsed.GetValue(site));
            var device = DeviceCommands.Find(DeviceCommands.Tree(parsed.GetValue(sysfs)!), parsed.GetValue(node)!, set.Attributes);
            foreach (var verdict in set.Explain(device.Properties))
                output.WriteLine($"{verdict.Rule.Name}: {(verdict.Fits ? "fits" : "does not fit")}: {verdict.Reason}");
            output.WriteLine(set.Decide(device.Properties) switch
            {
                Decision.Serve serve => $"decided by {serve.Rule.Name}: {serve.Service}@",
                Decision.Ignored ignored => $"decided by {ignored.Rule.Name}: nothing is started",
                Decision.Foreign foreign => $"decided by {foreign.Rule.Name}: for another user or site",
                _ => "no rule fits",
            });
            return set.Decide(device.Properties) is Decision.Serve ? 0 : ExitCode.Refused;
        });
        return command;
    }
}
