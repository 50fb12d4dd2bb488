using System.CommandLine;
using Firn.Cli.Rendering;
using Firn.Swu.Building;

namespace Firn.Cli.Commands.Image;

internal static class ImageSwuCommand
{
    public static Command Create()
    {
        var release = new Argument<FileSystemInfo>("release") { Description = "Directory that 'firn image build' made, or the manifest.json in it" };
        var output = new Argument<FileInfo>("output") { Description = "The .swu file" };
        var making = new SwuMaking();
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var command = new Command("swu", "Put a release into a signed file that SWUpdate installs") { release, output, json };
        making.AddTo(command);
        command.SetAction(parsed => Result.Print(
            parsed.InvocationConfiguration.Output, SwuBuilder.Build(parsed.GetValue(release)!.FullName, parsed.GetValue(output)!.FullName, making.Of(parsed)),
            parsed.GetValue(json), ResultJson.Default.SwuBuildResult, result => [SwuMaking.Describe(result)]));
        return command;
    }
}
