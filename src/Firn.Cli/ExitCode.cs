using Firn.Images.Building;
using Firn.Images.Recipes;

namespace Firn.Cli;

/// <summary>What the shell is told when a verb could not do its work. 0 is success, 2 a wrong command line.</summary>
internal static class ExitCode
{
    public const int Failed = 1;

    /// <summary>The exit code for an error that a person can act on; null for a mistake of ours.</summary>
    public static int? For(Exception error) => error switch
    {
        RecipeException or ToolException or InvalidDataException or IOException or UnauthorizedAccessException => Failed,
        _ => null,
    };
}
