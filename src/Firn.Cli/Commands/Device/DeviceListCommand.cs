using System.CommandLine;
using Firn.Devices.Matching;
using Firn.Devices.State;
using Firn.Devices.Watching;

namespace Firn.Cli.Commands.Device;

internal static class DeviceListCommand
{
    private sealed record Row(string Device, string Rule, string Unit, string State, string DevPath);

    public static Command Create()
    {
        var all = new Option<bool>("--all") { Description = "Devices that no rule is about, too" };
        var (rules, state, sysfs, json) = (DeviceCommands.Rules(), DeviceCommands.State(), DeviceCommands.Sysfs(), DeviceCommands.Json());
        var (user, site) = (DeviceCommands.User(), DeviceCommands.Site());
        var command = new Command("list", "Show devices, the rules about them, and what runs for them") { all, rules, state, sysfs, user, site, json };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var set = DeviceCommands.RuleSet(parsed.GetValue(rules), parsed.GetValue(user), parsed.GetValue(site));
            var rows = Rows(set, parsed.GetValue(sysfs)!, parsed.GetValue(state)!, parsed.GetValue(all)).ToList();
            if (parsed.GetValue(json))
                DeviceCommands.WriteJson(output, writer =>
                {
                    writer.WriteStartArray();
                    foreach (var row in rows)
                    {
                        writer.WriteStartObject();
                        writer.WriteString("device", row.Device);
                        writer.WriteString("devpath", row.DevPath);
                        writer.WriteString("rule", row.Rule);
                        writer.WriteString("unit", row.Unit);
                        writer.WriteString("state", row.State);
                        writer.WriteEndObject();
                    }
                    writer.WriteEndArray();
                });
            else
                foreach (var row in rows.Prepend(new("DEVICE", "RULE", "UNIT", "STATE", "")))
                    output.WriteLine($"{row.Device,-20} {row.Rule,-20} {row.Unit,-32} {row.State}".TrimEnd());
        });
        return command;
    }

    private static IEnumerable<Row> Rows(RuleSet rules, string sysfs, string state, bool all)
    {
        var tree = DeviceCommands.Tree(sysfs);
        var running = new AssignmentStore(state).Load().ToList();
        foreach (var found in tree.List())
        {
            var device = tree.Describe(found, rules.Attributes);
            var name = device.Properties.GetValueOrDefault("DEVNAME", device.DevPath);
            var decision = rules.Decide(device.Properties);
            var own = running.FirstOrDefault(assignment => assignment.Started.DevPath == device.DevPath);
            if (own is not null) running.Remove(own);
            var row = decision switch
            {
                Decision.Serve serve => new(name, serve.Rule.Name, own?.Unit ?? $"{serve.Service}@", own is null ? "no daemon has started it" : Describe(own), device.DevPath),
                Decision.Ignored ignored => new(name, ignored.Rule.Name, "", "ignored", device.DevPath),
                Decision.Foreign foreign => new(name, foreign.Rule.Name, "", "for another user or site", device.DevPath),
                _ => all ? new Row(name, "", "", "no rule", device.DevPath) : null,
            };
            if (row is not null) yield return row;
        }
        foreach (var left in running) yield return new(left.Started.Node ?? "?", left.Started.Rule, left.Unit, $"{Describe(left)}, device gone", left.Started.DevPath);
    }

    private static string Describe(Assignment assignment) =>
        assignment.Phase.ToString().ToLowerInvariant() + (assignment.Problem.Length > 0 ? $": {assignment.Problem}" : "");
}
