using Firn.Dispatch.Files;
using Firn.Images.Building;
using Firn.Images.Recipes;
using Firn.Machine.Boot;
using Firn.Publishing.Drafts;
using Firn.Supervision.Control;
using Firn.Swu.Signatures;
using Firn.Trust;

namespace Firn.Cli;

/// <summary>What the shell is told when a verb could not do its work.</summary>
internal static class ExitCode
{
    public const int Failed = 1;

    /// <summary>The command line could not be understood.</summary>
    public const int WrongUsage = 2;

    /// <summary>The machine, or the repository, is in no state for it, or someone else is at it; nothing was changed.</summary>
    public const int Refused = 3;

    /// <summary>Something is not signed as it must be, or too old: nothing was changed.</summary>
    public const int Untrusted = 4;

    /// <summary>There is no release that this machine takes now.</summary>
    public const int NothingToInstall = 5;

    /// <summary>For monitoring: metadata that should be signed anew before machines refuse it.</summary>
    public const int ExpiresSoon = 6;

    /// <summary>A manager takes no commands from this user.</summary>
    public const int Denied = 5;

    /// <summary>No manager answers.</summary>
    public const int Unreachable = 125;

    /// <summary>As shells say of a program that an interrupt ended.</summary>
    public const int Interrupted = 130;

    /// <summary>The exit code for an error that a person can act on; null for a mistake of ours.</summary>
    public static int? For(Exception error) => error switch
    {
        RefusedException or RepositoryRefusedException => Refused,
        TrustException or UntrustedSwuException => Untrusted,
        OperationCanceledException => Interrupted,
        ManagerUnreachableException => Unreachable,
        ManagerDeniedException => Denied,
        UnitException or RecipeException or ToolException or InvalidDataException or IOException or UnauthorizedAccessException => Failed,
        _ => null,
    };
}
