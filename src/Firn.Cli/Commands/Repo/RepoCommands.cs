using System.CommandLine;
using Firn.Cli.Rendering;
using Firn.Trust.Keys;

namespace Firn.Cli.Commands.Repo;

internal static class RepoCommands
{
    public static Command Create(Wiring wiring) => new("repo", "Make, sign and publish a repository of releases")
    {
        RepoInitCommand.Create(wiring),
        RepoDelegateCommand.Create(wiring),
        RepoAddCommand.Create(wiring),
        RepoListCommand.Create(wiring),
        RepoRolloutCommand.Create(wiring),
        RepoPauseCommand.Create(wiring),
        RepoResumeCommand.Create(wiring),
        RepoRevokeCommand.Create(wiring),
        RepoRemoveCommand.Create(wiring),
        RepoSignCommand.Create(wiring),
        RepoDiscardCommand.Create(wiring),
        RepoPublishCommand.Create(wiring),
        RepoPullCommand.Create(wiring),
        RepoPruneCommand.Create(wiring),
        RepoResignCommand.Create(wiring),
        RepoStatusCommand.Create(wiring),
        RepoVerifyCommand.Create(wiring),
        RepoMirrorCommand.Create(wiring),
        RepoBundleCommand.Create(wiring),
        new Command("root", "The keys that all trust begins with") { RepoRootRotateCommand.Create(wiring) },
    };

    /// <summary>From a file to pass on, or from a key file.</summary>
    public static PublicKey PublicKeyOf(string path) => PublicKeyPem.Read(File.ReadAllText(path), path);

    /// <summary>As much of a key id as people compare.</summary>
    public static string Short(string keyId) => keyId.Length > 12 ? keyId[..12] : keyId;

    public static Argument<string> Release() => new("release")
    {
        Description = "CHANNEL/VERSION for every hardware, or CHANNEL/NAME-VERSION-HARDWARE for one",
    };

    /// <param name="name">With two hyphens.</param>
    /// <param name="description">For the help.</param>
    public static Option<TimeSpan?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            if (Duration.TryParse(result.Tokens[0].Value, out var time)) return time;
            result.AddError($"{name}: '{result.Tokens[0].Value}' is no time: expected a number with s, m, h or d, such as 36h");
            return null;
        },
    };
}
