using System.CommandLine;

namespace Firn.Cli.Commands.Image;

internal static class ImageCommands
{
    public static Command Create() => new("image", "Build disk images, look into them, try them out")
    {
        ImageRunCommand.Create(),
        ImageTestCommand.Create(),
    };
}
