using System.CommandLine;
using Firn.Cli.Rendering;
using Firn.Publishing.Care;

namespace Firn.Cli.Commands.Repo;

internal static class RepoVerifyCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var place = new Argument<string?>("place")
        {
            Description = "A directory, or an http(s) URL as machines have it (default: the repository in the current directory)",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var root = SourceOptions.Root();
        var metadataOnly = new Option<bool>("--metadata-only") { Description = "Do not read the files of releases" };
        var command = new Command("verify", "Read a whole repository as a machine would: signatures, versions, expiry, hashes") { place, root, metadataOnly };
        options.AddWithoutKeysTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (files, owner) = SourceOptions.Open(parsed.GetValue(place) ?? options.DirectoryOf(parsed), cancellation);
            using (owner)
            {
                var report = await RepositoryCheck.RunAsync(
                    files, SourceOptions.Read(parsed.GetValue(root)), wiring.Clock.GetUtcNow(), !parsed.GetValue(metadataOnly), progress: null, cancellation);
                Result.Print(parsed.InvocationConfiguration.Output, report, options.IsJson(parsed), RepoJson.Default.RepositoryReport, Lines);
                return report.IsSound ? 0 : ExitCode.Untrusted;
            }
        });
        return command;
    }

    private static IEnumerable<string> Lines(RepositoryReport report)
    {
        foreach (var problem in report.Problems) yield return problem;
        yield return $"{report.Name}: {report.Roles} roles and {report.Targets} files ({Amount.OfBytes(report.TargetBytes)}) verified, {(report.IsSound ? "no problems" : $"{report.Problems.Length} problems")}";
    }
}
