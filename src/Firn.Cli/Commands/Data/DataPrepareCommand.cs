using System.CommandLine;
using Firn.Cli.Commands.Boot;
using Firn.Cli.Rendering;
using Firn.Machine.Data;

namespace Firn.Cli.Commands.Data;

internal static class DataPrepareCommand
{
    public static Command Create()
    {
        var disk = new Option<FileInfo>("--disk")
        {
            Description = "The whole disk: a device, or an image file",
            HelpName = "DEVICE",
            Required = true,
        };
        var json = BootCommands.Json();
        var command = new Command("prepare", "Make the data partition as large as the disk allows, with a filesystem if it is blank")
        {
            disk, json,
        };
        command.SetAction(parsed => Result.Print(
            parsed.InvocationConfiguration.Output, DataPreparation.Run(parsed.GetValue(disk)!.FullName),
            parsed.GetValue(json), ResultJson.Default.DataPrepareResult, Lines));
        return command;
    }

    private static IEnumerable<string> Lines(DataPrepareResult result)
    {
        var done = string.Join(", ", new[]
        {
            result.WasAdded ? "added" : null, result.WasGrown ? "grown" : null,
            result.WasFormatted ? "formatted" : null, result.FilesystemWasGrown ? "its filesystem grown" : null,
        }.OfType<string>());
        yield return $"{result.Partition}: {Amount.OfBytes(result.SizeBytes)}, {(done.Length == 0 ? "ready as it was" : done)}";
    }
}
