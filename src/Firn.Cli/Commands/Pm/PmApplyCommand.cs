using System.CommandLine;
using Firn.Dispatch.Files;
using Firn.Dispatch.Plans;
using Firn.Supervision.Control;
using Firn.Supervision.Homes;

namespace Firn.Cli.Commands.Pm;

internal static class PmApplyCommand
{
    private const int WebSeconds = 30;    // how often the web is asked for changes

    public static Command Create()
    {
        var paths = new Argument<string[]>("path") { Description = "Files, directories or URLs with all units there are to be", Arity = ArgumentArity.OneOrMore };
        var watch = new Option<bool>("--watch") { Description = "Go on, and apply every change of the files" };
        var noBlock = new Option<bool>("--no-block") { Description = "Do not wait until units run" };
        var home = PmCommands.Home();
        var command = new Command("apply", "Make a manager's units what files say") { paths, watch, noBlock, home };
        command.SetAction((parsed, cancellation) =>
        {
            var (sources, place, error) = (new UnitSources(parsed.GetValue(paths)!), PmCommands.HomeOf(parsed.GetValue(home)), parsed.InvocationConfiguration.Error);
            var exit = Apply();
            while (parsed.GetValue(watch))
            {
                if (!AwaitChange(sources, cancellation, error)) return Task.FromResult(exit);
                try
                {
                    exit = Apply();
                }
                catch (Exception problem) when (problem is UnitException or IOException or InvalidDataException)    // while it is being edited: the units stay as they are
                {
                    error.WriteLine(problem.Message);
                }
            }
            return Task.FromResult(exit);

            int Apply() => Send(place, Deployment.Plan(Deployment.Read(place), PmCheckCommand.Read(sources)), parsed.GetValue(noBlock), error);
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

    /// <returns>False when there is nothing to wait for any more.</returns>
    private static bool AwaitChange(UnitSources sources, CancellationToken cancellation, TextWriter error)
    {
        for (var second = 1; !sources.HaveFilesChanged(); second++)
        {
            try
            {
                if (second % WebSeconds == 0 && sources.HasWebChanged()) return true;
            }
            catch (Exception problem) when (problem is IOException or InvalidDataException)    // it is away for a while
            {
                error.WriteLine(problem.Message);
            }
            if (cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(1))) return false;
        }
        return true;
    }
}
