using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Firn.Cli.Rendering;
using Firn.Formats.Trees;
using Firn.Images.RootImages;

namespace Firn.Cli.Commands.Image;

internal static class ImageLsCommand
{
    public static Command Create()
    {
        var image = new Argument<FileInfo>("image") { Description = "A squashfs image" };
        var paths = new Argument<string[]>("paths") { Description = "Paths in it, with * and ? (default: all)", Arity = ArgumentArity.ZeroOrMore };
        var isLong = new Option<bool>("--long", "-l") { Description = "Also mode, owner, size, time and link target" };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var command = new Command("ls", "List what is in a squashfs image") { image, paths, isLong, json };
        command.SetAction(parsed =>
        {
            using var opened = SquashImage.Open(parsed.GetValue(image)!.FullName);
            var output = parsed.InvocationConfiguration.Output;
            var patterns = parsed.GetValue(paths)!;
            if (patterns.Length == 0 && !parsed.GetValue(json)) NamePrinter.Print(opened, parsed.GetValue(isLong), output);
            else Print(output, PathFilter.Select(opened.ReadTree(), patterns), parsed.GetValue(isLong), parsed.GetValue(json));
        });
        return command;
    }

    public static void Print(TextWriter output, FileTree tree, bool isLong, bool asJson)
    {
        if (asJson)
        {
            var names = tree.Walk().Select(entry => ListedName.Of(entry.Path, entry.Node)).ToImmutableArray();
            output.WriteLine(JsonSerializer.Serialize(names, ResultJson.Default.ImmutableArrayListedName));
            return;
        }
        var printer = new NamePrinter(output);
        foreach (var (path, node) in tree.Walk()) printer.Add(path, isLong ? node : null);
        printer.Flush();
    }
}
