using System.CommandLine;
using Firn.Dispatch.Files;
using Firn.Dispatch.Plans;
using Firn.Supervision.Control;
using Firn.Supervision.Homes;

namespace Firn.Cli.Commands.Pm;

internal static class PmApplyCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("path") { Description = "Files or directories with all units there are to be", Arity = ArgumentArity.OneOrMore };
        var watch = new Option<bool>("--watch") { Description = "Go on, and apply every change of the files" };
        var noBlock = new Option<bool>("--no-block") { Description = "Do not wait until units run" };
        var home = PmCommands.Home();
        var command = new Command("apply", "Make a manager's units what files say") { paths, watch, noBlock, home };
        command.SetAction((parsed, cancellation) =>
        {
            var (from, place, error) = (parsed.GetValue(paths)!, PmCommands.HomeOf(parsed.GetValue(home)), parsed.InvocationConfiguration.Error);
            var exit = Apply();
            while (parsed.GetValue(watch))
            {
                var before = Stamp(from);
                while (Stamp(from) == before)
                    if (cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(1))) return Task.FromResult(exit);
                try
                {
                    exit = Apply();
                }
                catch (UnitException problem)    // while it is being edited: the units stay as they are
                {
                    error.WriteLine(problem.Message);
                }
            }
            return Task.FromResult(exit);

            int Apply() => Send(place, Deployment.Plan(Deployment.Read(place), PmCheckCommand.Read(from)), parsed.GetValue(noBlock), error);
        });
        return command;
    }

    private static int Send(PmHome home, List<ControlRequest> plan, bool noBlock, TextWriter error)
    {
        var exit = 0;
        foreach (var request in plan)
        {
            var blocks = request.Blocks && !noBlock;
            var result = ControlClient.Ask(home, request with { Blocks = blocks }, _ => { }).Finish(error);
            if (result != 0) exit = result;
        }
        return exit;
    }

    /// <summary>Changes whenever a file does.</summary>
    private static string Stamp(IEnumerable<string> paths)
    {
        var stamp = new System.Text.StringBuilder();
        foreach (var path in paths)
            foreach (var file in Directory.Exists(path) ? Directory.GetFiles(path) : [path])
                if (File.Exists(file)) stamp.Append(file).Append(File.GetLastWriteTimeUtc(file).Ticks).Append(new FileInfo(file).Length);
        return stamp.ToString();
    }
}
