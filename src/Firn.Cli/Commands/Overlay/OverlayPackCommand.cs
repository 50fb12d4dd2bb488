using System.CommandLine;
using Firn.Cli.Rendering;
using Firn.Machine.Overlays;

namespace Firn.Cli.Commands.Overlay;

internal static class OverlayPackCommand
{
    public static Command Create()
    {
        var directory = new Argument<DirectoryInfo>("directory") { Description = "Files for /, and layers/NN-FAVOR[-FAVOR…]/ with files for some machines" };
        var output = OverlayOptions.Output();
        var form = new Option<string?>("--format") { Description = "zstd (the default), gzip, zlib or tar", HelpName = "FORM" };
        form.AcceptOnlyFromAmong("zstd", "gzip", "zlib", "tar");
        var owners = new Option<bool>("--keep-owners") { Description = "Keep owners and groups as numbers; without it all belongs to root" };
        var command = new Command("pack", "Pack a directory into an overlay") { directory, output, form, owners };
        command.SetAction(parsed =>
        {
            var (source, target) = (parsed.GetValue(directory)!, parsed.GetValue(output)!);
            var file = OverlayPacking.Pack(source.FullName, Form(parsed.GetValue(form)), parsed.GetValue(owners));
            File.WriteAllBytes(target.FullName, file);
            parsed.InvocationConfiguration.Output.WriteLine($"{target}: {Amount.OfBytes(file.Length)}");
        });
        return command;
    }
    private static OverlayForm Form(string? name) => name switch
    {
        "gzip" => OverlayForm.Gzip,
        "zlib" => OverlayForm.Zlib,
        "tar" => OverlayForm.Tar,
        _ => OverlayForm.Zstd,
    };
}
