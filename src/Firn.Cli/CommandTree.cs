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
using Firn.Cli.Commands.Sign;
using Firn.Cli.Commands.Update;
using Firn.Linux.Processes;

namespace Firn.Cli;

/// <summary>All verbs of <c>firn</c>. Each verb is one file under <c>Commands/</c>.</summary>
internal static class CommandTree
{
    public static int Run(string[] arguments) =>
        Run(arguments, new() { GiveWay = ProcessPriority.Lower }, Console.Out, Console.Error);

    /// <param name="arguments">The command line, without the program's name.</param>
    /// <param name="wiring">Where the parts come from that verbs use.</param>
    /// <param name="output">For results.</param>
    /// <param name="error">For everything else.</param>
    public static int Run(string[] arguments, Wiring wiring, TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Turns a Linux root filesystem into a system image, and keeps machines right.")
        {
            ImageCommands.Create(wiring),
            CacheCommands.Create(),
            BootCommands.Create(wiring),
            UpdateCommands.Create(wiring),
            AgentCommands.Create(wiring),
            DeviceCommands.Create(),
            PmCommands.Create(),
            RepoCommands.Create(wiring),
            KeyCommands.Create(wiring),
            OverlayCommands.Create(wiring),
            EtcCommands.Create(wiring),
            DataCommands.Create(wiring),
            SignCommand.Create(wiring),
            VerifyCommand.Create(),
        };
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
            });
            return isWrong ? ExitCode.WrongUsage : code;
        }
        catch (Exception problem) when (ExitCode.For(problem) is { } code)
        {
            error.WriteLine(Describe(problem));
            return code;
        }
    }

    /// <summary>Our own messages say "subject: reason"; where .NET has another way to say what happens most, it is said our way.</summary>
    private static string Describe(Exception problem) => problem switch
    {
        OperationCanceledException => "interrupted",
        FileNotFoundException { FileName: { } name } when problem.Message.StartsWith("Could not find file", StringComparison.Ordinal) => $"{name}: no such file",
        _ => problem.Message,
    };
}
