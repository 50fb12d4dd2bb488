using Firn.Devices.State;
using Firn.Linux.Processes;

namespace Firn.Devices.Actions;

/// <summary>A service manager that is told what to do by a program of its own, whose exit code is the answer.</summary>
public abstract class CommandLineManager : IServiceManager
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);    // longer than the time managers give a start by themselves
    private const int LongestProblem = 300;

    /// <summary>The program and its arguments.</summary>
    public abstract IReadOnlyList<string> CommandFor(ServiceOrder order, string environmentFile);

    public ServiceResult Do(ServiceOrder order, string environmentFile)
    {
        var command = CommandFor(order, environmentFile);
        try
        {
            var result = ProgramRun.Run(command[0], command.Skip(1), Patience);
            return result.Succeeded ? ServiceResult.Done
                : new(result.TimedOut ? $"{command[0]} did not end within {Patience.TotalSeconds:0} s" : Problem(result, command[0]));
        }
        catch (FileNotFoundException error)
        {
            return new(error.Message);
        }
    }

    private static string Problem(ProgramResult result, string program)
    {
        var line = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
        return line is null ? $"{program} ended with {result.ExitCode}" : line[..Math.Min(line.Length, LongestProblem)];
    }

    protected static string VerbOf(ServiceOrder order) => order.Verb.ToString().ToLowerInvariant();
}
