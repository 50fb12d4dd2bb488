using System.CommandLine;
using Firn.Machine.Boot;

namespace Firn.Cli.Commands;

/// <summary>What cannot be undone is asked about once more, unless the command line says <c>--yes</c>.</summary>
internal static class Confirmation
{
    public static Option<bool> Yes() => new("--yes", "-y") { Description = "Do not ask" };

    /// <exception cref="RefusedException">Nobody agreed, or nobody can be asked.</exception>
    public static void Require(bool isGiven, TextWriter error, string question)
    {
        if (isGiven) return;
        if (Console.IsInputRedirected) throw new RefusedException($"{question} Nobody can be asked here: say --yes");
        error.Write($"{question} Type 'yes': ");
        if (Console.In.ReadLine()?.Trim() != "yes") throw new RefusedException("nothing was changed");
    }
}
