using System.CommandLine;
using System.Globalization;
using Firn.Devices.Recording;

namespace Firn.Cli.Commands.Device;

internal static class DeviceReplayCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "A recording" };
        var environment = new Option<bool>("--environment") { Description = "Also what each service is given" };
        var (rules, user, site) = (DeviceCommands.Rules(), DeviceCommands.User(), DeviceCommands.Site());
        var command = new Command("replay", "Show what rules make of recorded events, without waiting and without starting anything")
        {
            file, rules, environment, user, site,
        };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(file)!;
            using var reader = path.OpenText();
            var set = DeviceCommands.RuleSet(parsed.GetValue(rules), parsed.GetValue(user), parsed.GetValue(site));
            foreach (var (after, order) in Replay.Run(RecordedEvent.ReadAll(reader, path.Name), set))
            {
                parsed.InvocationConfiguration.Output.WriteLine(
                    $"{after.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture),9} {order} ({order.Target.Rule})");
                if (!parsed.GetValue(environment)) continue;
                foreach (var line in order.Target.Environment.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                    parsed.InvocationConfiguration.Output.WriteLine($"{"",10}{line}");
            }
        });
        return command;
    }
}
