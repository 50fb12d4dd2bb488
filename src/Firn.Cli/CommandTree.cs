using System.CommandLine;
using System.CommandLine.Invocation;
using Firn.Cli.Commands.Agent;
using Firn.Cli.Commands.Boot;
using Firn.Cli.Commands.Cache;
using Firn.Cli.Commands.Data;
using Firn.Cli.Commands.Device;
using Firn.Cli.Commands.Etc;
using Firn.Cli.Commands.Image;
using Firn.Cli.Commands.Key;
using Firn.Cli.Commands.Overlay;
using Firn.Cli.Commands.Pm;
using Firn.Cli.Commands.Repo;
using Firn.Cli.Commands.Rescue;
using Firn.Cli.Commands.Sign;
using Firn.Cli.Commands.Update;
using Firn.Linux.Processes;

namespace Firn.Cli;

/// <summary>All verbs of <c>firn</c>. Each verb is one file under <c>Commands/</c>.</summary>
internal static class CommandTree
{
    private static readonly Branch[] Branches =
    [
        new("image", ImageCommands.Create),
        new("cache", _ => CacheCommands.Create()),
        new("boot", BootCommands.Create),
        new("update", UpdateCommands.Create),
        new("agent", AgentCommands.Create),
        new("rescue", RescueCommands.Create),
        new("device", _ => DeviceCommands.Create()),
        new("pm", _ => PmCommands.Create()),
        new("repo", RepoCommands.Create),
        new("key", KeyCommands.Create),
        new("overlay", OverlayCommands.Create),
        new("etc", EtcCommands.Create),
        new("data", DataCommands.Create),
        new("sign", SignCommand.Create),
        new("verify", _ => VerifyCommand.Create()),
    ];

    /// <summary>For who is stopped by a signal: an agent that is ended before it has disarmed a watchdog takes the machine with it, and slow machines take seconds.</summary>
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(20);

    public static int Run(string[] arguments) =>
        Run(arguments, new() { GiveWay = ProcessPriority.Lower }, Console.Out, Console.Error);

    /// <param name="arguments">The command line, without the program's name.</param>
    /// <param name="wiring">Where the parts come from that verbs use.</param>
    /// <param name="output">For results.</param>
    /// <param name="error">For everything else.</param>
    public static int Run(string[] arguments, Wiring wiring, TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Turns a Linux root filesystem into a system image, and keeps machines right.");
        foreach (var branch in Named(arguments)) root.Add(branch.Create(wiring));
        var parsed = root.Parse(arguments);
        if (parsed.Action is ParseErrorAction wrong) wrong.ShowHelp = false;
        try
        {
            var isWrong = parsed.Errors.Count > 0;
            var code = parsed.Invoke(new()
            {
                EnableDefaultExceptionHandler = false,
                Output = isWrong ? error : output,    // suggestions are no result
                Error = error,
                ProcessTerminationTimeout = TimeToEnd,
            });
            return isWrong ? ExitCode.WrongUsage : code;
        }
        catch (Exception problem) when (ExitCode.For(problem) is { } code)
        {
            error.WriteLine(Describe(problem));
            return code;
        }
    }

    /// <summary>
    /// The branch that the command line names; all of them for help, suggestions and what is wrong. Options are made and
    /// compiled when they are used: a verb need not wait for those of others.
    /// </summary>
    private static Branch[] Named(string[] arguments) =>
        arguments.Length > 0 && Array.Find(Branches, branch => branch.Name == arguments[0]) is { } named ? [named] : Branches;

    private sealed record Branch(string Name, Func<Wiring, Command> Create);

    /// <summary>Our own messages say "subject: reason"; where .NET has another way to say what happens most, it is said our way.</summary>
    private static string Describe(Exception problem) => problem switch
    {
        OperationCanceledException => "interrupted",
        FileNotFoundException { FileName: { } name } when problem.Message.StartsWith("Could not find file", StringComparison.Ordinal) => $"{name}: no such file",
        _ => problem.Message,
    };
}
