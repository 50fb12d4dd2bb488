using System.CommandLine;
using Firn.Swu.Building;

namespace Firn.Cli.Commands.Image;

internal static class ImageSwuCommand
{
    public static Command Create()
    {
        var release = new Argument<FileSystemInfo>("release") { Description = "Directory that 'firn image build' made, or the manifest.json in it" };
        var output = new Argument<FileInfo>("output") { Description = "The .swu file" };
        var making = new SwuMaking();
        var command = new Command("swu", "Put a release into a signed file that SWUpdate installs") { release, output };
        making.AddTo(command);
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(
            SwuBuilder.Build(parsed.GetValue(release)!.FullName, parsed.GetValue(output)!.FullName, making.Of(parsed)).ToString()));
        return command;
    }
}
