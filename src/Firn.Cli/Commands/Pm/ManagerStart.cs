using Firn.Supervision.Engine;
using Firn.Supervision.Holding;
using Firn.Supervision.Homes;

namespace Firn.Cli.Commands.Pm;

/// <summary>What a manager is told when it begins, and how it does.</summary>
internal sealed record ManagerStart(PmHome Home)
{
    public bool IsKill { get; init; }
    public string InitStream { get; init; } = "";
    public string MaxParallel { get; init; } = "";
    public string AllowGroup { get; init; } = "";

    /// <summary>It is the first process of a machine.</summary>
    public bool IsFirst { get; init; }

    /// <summary>
    /// Reads the plain words by which init systems start a manager. The parser of command lines takes as long as the start
    /// of the runtime: a quarter of the time until the last of a hundred units runs.
    /// </summary>
    /// <returns>Null for what needs the parser: files of units, help, and everything that is wrong.</returns>
    public static ManagerStart? TryParse(ReadOnlySpan<string> words)
    {
        string? home = null, onDeath = null;
        var isFirst = false;
        for (var i = 0; i < words.Length; i++)
        {
            var value = i + 1 < words.Length && words[i + 1].Length > 0 && words[i + 1][0] is not ('-' or '@') ? words[i + 1] : null;
            switch (words[i])
            {
                case "--init" when !isFirst && value is null: isFirst = true; break;
                case "--home" when home is null && value is not null: (home, i) = (value, i + 1); break;
                case "--on-manager-death" when onDeath is null && value is "adopt" or "kill": (onDeath, i) = (value, i + 1); break;
                default: return null;
            }
        }
        return new(PmCommands.HomeOf(home)) { IsKill = onDeath == "kill", IsFirst = isFirst };
    }

    /// <summary>Begins if the words are plain. Returns when they are not, or there can be no manager: the verb's own way says why.</summary>
    public static void BeginIfPlain(ReadOnlySpan<string> words)
    {
        try
        {
            TryParse(words)?.Begin();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // the verb meets it again, and reports it
        }
    }

    /// <summary>Becomes the holder of the manager. Returns only to fail.</summary>
    /// <exception cref="IOException">There can be no manager here.</exception>
    public int Begin()
    {
        Home.Prepare();
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 0 } parent) Environment.SetEnvironmentVariable(Manager.ParentNotify, parent);
        Holder.Become(Environment.ProcessPath!, IsKill, [Home.Path, InitStream, MaxParallel, AllowGroup, IsFirst ? "init" : ""]);
        return ExitCode.Failed;
    }
}
