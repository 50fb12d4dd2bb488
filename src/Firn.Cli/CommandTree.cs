using System.CommandLine;
using Firn.Cli.Commands.Image;

namespace Firn.Cli;

/// <summary>All verbs of <c>firn</c>. Each verb is one file under <c>Commands/</c>.</summary>
internal static class CommandTree
{
    public static int Run(string[] arguments)
    {
        var root = new RootCommand("Turns a Linux root filesystem into a system image, and keeps machines right.")
        {
            ImageCommands.Create(),
        };
        try
        {
            return root.Parse(arguments).Invoke(new() { EnableDefaultExceptionHandler = false });
        }
        catch (Exception error) when (ExitCode.For(error) is { } code)
        {
            Console.Error.WriteLine(error.Message);
            return code;
        }
    }
}
