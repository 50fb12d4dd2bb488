using System.CommandLine;
using Firn.Publishing.Drafts;
using Firn.Publishing.Releases;
using Firn.Publishing.Storage;

namespace Firn.Cli.Commands.Repo;

internal static class RepoBundleCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var releases = new Argument<string[]>("release")
        {
            Description = "CHANNEL/VERSION, or CHANNEL/NAME-VERSION-HARDWARE; several must be of one channel",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<FileInfo>("--output", "-o") { Description = "The bundle", Required = true, HelpName = "FILE" };
        var command = new Command("bundle", "Put published releases and all that proves them into one file, for a USB stick or an upload") { releases, output };
        options.AddWithoutKeysTo(command);
        command.SetAction(parsed =>
        {
            using var editor = options.Open(parsed);
            var published = editor.Draft.Published ?? throw new RepositoryRefusedException($"{editor.Files.Name}: nothing was published yet");
            var found = parsed.GetValue(releases)!.SelectMany(release => ListedRelease.Find(editor.Draft, release)).DistinctBy(release => release.Path);
            var path = parsed.GetValue(output)!.FullName;
            var beside = path + ".new";
            try
            {
                using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write))
                {
                    RepositoryBundle.Write(file, published, (DirectoryFiles)editor.Files, [.. found]);
                    file.Flush(flushToDisk: true);
                }
                File.Move(beside, path, overwrite: true);
            }
            finally
            {
                File.Delete(beside);
            }
        });
        return command;
    }
}
