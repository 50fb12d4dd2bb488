using System.CommandLine;
using Firn.Dispatch.Plans;

namespace Firn.Cli.Commands.Pm;

internal static class PmPlanCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("path") { Description = "Files, directories or URLs with all units there are to be", Arity = ArgumentArity.OneOrMore };
        var home = PmCommands.Home();
        var command = new Command("plan", "Show the commands that 'apply' would give, as a manager's FIFO takes them") { paths, home };
        command.SetAction(parsed =>
        {
            foreach (var request in Deployment.Plan(Deployment.Read(PmCommands.HomeOf(parsed.GetValue(home))), PmCheckCommand.Read(parsed.GetValue(paths)!)))
                foreach (var line in Deployment.Lines(request)) parsed.InvocationConfiguration.Output.WriteLine(line);
        });
        return command;
    }
}
