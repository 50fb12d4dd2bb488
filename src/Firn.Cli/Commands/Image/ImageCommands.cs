using System.CommandLine;

namespace Firn.Cli.Commands.Image;

internal static class ImageCommands
{
    public static Command Create(Wiring wiring) => new("image", "Build disk images, look into them, try them out")
    {
        ImageBuildCommand.Create(),
        ImageSquashCommand.Create(),
        ImageUnsquashCommand.Create(),
        ImageLsCommand.Create(),
        ImageDeltaCommand.Create(),
        ImageSwuCommand.Create(),
        ImageInspectCommand.Create(wiring),
        ImageRunCommand.Create(),
        ImageTestCommand.Create(),
    };
}
