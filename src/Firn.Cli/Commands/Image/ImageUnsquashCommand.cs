using System.CommandLine;
using Firn.Cli.Rendering;
using Firn.Formats.Tar;
using Firn.Formats.Trees;
using Firn.Images.RootImages;

namespace Firn.Cli.Commands.Image;

internal static class ImageUnsquashCommand
{
    private const string StandardOutput = "-";

    public static Command Create()
    {
        var image = new Argument<FileInfo>("image") { Description = "A squashfs image" };
        var paths = new Argument<string[]>("paths") { Description = "Paths in it, with * and ? (default: all)", Arity = ArgumentArity.ZeroOrMore };
        var directory = new Option<DirectoryInfo>("--directory", "-d")
        {
            Description = "Where to; must be empty or not there",
            DefaultValueFactory = _ => new("squashfs-root"),
        };
        var tar = new Option<string?>("--tar") { Description = "Write a tar archive instead (- for standard output)" };
        var list = new Option<bool>("--list") { Description = "Only list, as 'image ls --long' does" };
        var threads = new Option<int>("--threads") { Description = "Threads that decompress", CustomParser = WholeNumber.ParseThreads, DefaultValueFactory = _ => Environment.ProcessorCount };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var command = new Command("unsquash", "Take out of a squashfs image what is in it") { image, paths, directory, tar, list, threads, json };
        command.SetAction(parsed =>
        {
            using var opened = SquashImage.Open(parsed.GetValue(image)!.FullName);
            var tree = PathFilter.Select(opened.ReadTree(), parsed.GetValue(paths)!);
            if (parsed.GetValue(list)) ImageLsCommand.Print(parsed.InvocationConfiguration.Output, tree, isLong: true, parsed.GetValue(json));
            else if (parsed.GetValue(tar) is { } archive) WriteTar(tree, archive);
            else Extract(parsed, tree, parsed.GetValue(directory)!.FullName, parsed.GetValue(threads), parsed.GetValue(json));
        });
        return command;
    }

    private static void Extract(ParseResult parsed, FileTree tree, string directory, int threads, bool asJson)
    {
        using var progress = ProgressLine.OnStandardError();
        var report = Extraction.Run(tree, directory, threads, new BuildProgressLine(progress));
        progress.Dispose();
        foreach (var warning in report.Warnings) parsed.InvocationConfiguration.Error.WriteLine($"warning: {warning}");
        Result.Print(parsed.InvocationConfiguration.Output, report, asJson, ResultJson.Default.ExtractionReport, Lines);

        IEnumerable<string> Lines(ExtractionReport done)
        {
            yield return $"{directory}: {done.Names} names, {Amount.OfBytes(done.ContentBytes)}";
        }
    }

    private static void WriteTar(FileTree tree, string path)
    {
        using var archive = path == StandardOutput ? Console.OpenStandardOutput() : File.Create(path);
        using var buffered = new BufferedStream(archive, 1 << 20);
        TarWriter.Write(tree, buffered);
    }
}
