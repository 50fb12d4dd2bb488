using System.CommandLine;
using Firn.Cli.Commands.Boot;
using Firn.Cli.Rendering;
using Firn.Machine.Etc;

namespace Firn.Cli.Commands.Etc;

internal static class EtcCarryCommand
{
    public static Command Create()
    {
        var fromLower = Required("--from-lower", "/etc in the old root image");
        var fromUpper = Required("--from-upper", "What this machine changed: the old slot's upper directory");
        var toLower = Required("--to-lower", "/etc in the new root image");
        var toUpper = Required("--to-upper", "The new slot's upper directory, which is made anew");
        var conflicts = new Option<FileInfo?>("--conflicts")
        {
            Description = "File for the list of conflicts (default: conflicts.json beside the new upper directory)",
        };
        var json = BootCommands.Json();
        var command = new Command("carry", "Merge the old image's /etc, this machine's changes and the new image's /etc")
        {
            fromLower, fromUpper, toLower, toUpper, conflicts, json,
        };
        command.SetAction(parsed =>
        {
            var upper = parsed.GetValue(toUpper)!.FullName;
            var list = parsed.GetValue(conflicts)?.FullName
                ?? Path.Combine(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(upper))!, "conflicts.json");
            var result = EtcCarry.Run(
                parsed.GetValue(fromLower)!.FullName, parsed.GetValue(fromUpper)!.FullName,
                parsed.GetValue(toLower)!.FullName, upper, list);
            Result.Print(
                parsed.InvocationConfiguration.Output, result, parsed.GetValue(json), ResultJson.Default.EtcCarryResult, Lines);
        });
        return command;
    }

    private static Option<DirectoryInfo> Required(string name, string description) =>
        new(name) { Description = description, HelpName = "DIRECTORY", Required = true };

    private static IEnumerable<string> Lines(EtcCarryResult result)
    {
        yield return $"{result.Upper}: {result.Entries} entries, {result.Conflicts.Length} conflicts";
        foreach (var conflict in result.Conflicts)
            yield return $"{conflict.Path}: {conflict.Problem}"
                + (conflict.NewVersion is null ? "" : $" (the new image's is in {conflict.NewVersion})");
    }
}
