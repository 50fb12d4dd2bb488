using System.CommandLine;
using Firn.Supervision.Control;

namespace Firn.Cli.Commands.Pm;

internal static class PmTopCommand
{
    private const string Clear = "\e[H\e[2J";

    public static Command Create()
    {
        var interval = new Option<double>("--interval") { Description = "Seconds between two looks", DefaultValueFactory = _ => 2, HelpName = "SECONDS" };
        var count = new Option<int>("--count") { Description = "How often to look (default: until interrupted)", HelpName = "N", CustomParser = WholeNumber.ParsePositive };
        var home = PmCommands.Home();
        var command = new Command("top", "Show units of this machine, their processor time and memory, again and again") { interval, count, home };
        command.SetAction((parsed, cancellation) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var usage = new PmUsage();
            for (var i = 1; ; i++)
            {
                var table = new StringWriter();
                table.WriteLine($"{"unit",-28} {"state",-12} {"pid",8} {"cpu %",7} {"memory",10}  restarts");
                var exit = ControlClient.Ask(PmCommands.HomeOf(parsed.GetValue(home)), new("list", [], []), unit =>
                {
                    var (processor, memory) = usage.Of(unit.Text("pid"));
                    table.WriteLine($"{unit.Text("unit"),-28} {unit.Text("state"),-12} {unit.Text("pid"),8} {processor,7} {memory,10}  {unit.Text("restarts")}".TrimEnd());
                }).Finish(parsed.InvocationConfiguration.Error);
                output.Write(parsed.GetValue(count) == 1 ? $"{table}" : $"{Clear}{table}");
                output.Flush();
                if (exit != 0 || i == parsed.GetValue(count)) return Task.FromResult(exit);
                if (cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(parsed.GetValue(interval)))) return Task.FromResult(0);
            }
        });
        return command;
    }
}
