using System.CommandLine;
using System.Text;
using Firn.Cli.Commands.Device;
using Firn.Cli.Commands.Pm;
using Firn.Cli.Rendering;
using Firn.Images.BlockCaches;
using Firn.Images.Building;
using Firn.Images.Content;
using Firn.Images.Recipes;
using Firn.Swu.Building;
using Firn.Trust.Client;

namespace Firn.Cli.Commands.Image;

internal static class ImageBuildCommand
{
    public static Command Create()
    {
        var recipe = new Argument<FileInfo>("recipe") { Description = "YAML file; docs/reference/recipe.md explains its keys" };
        var output = new Option<DirectoryInfo>("--output", "-o") { Description = "Directory for disk.img, boot.img, root.squashfs and manifest.json", Required = true };
        var cache = new Option<DirectoryInfo>("--cache")
        {
            Description = "Keeps unpacked package lists and compressed blocks between builds",
            DefaultValueFactory = _ => new(CacheDirectory.Default),
        };
        var limit = new Option<long>("--cache-limit")
        {
            Description = "What the cache of blocks may have when the build is done (default 10G)",
            CustomParser = ImageSquashCommand.ParseSize,
            DefaultValueFactory = _ => CacheDirectory.DefaultLimitBytes,
        };
        var previous = new Option<FileSystemInfo?>("--previous") { Description = "An earlier root.squashfs, or its release: its layout is kept, so that updates are small" };
        var program = new Option<FileInfo?>("--machine-program") { Description = "The firn that goes into the image (default: this one)" };
        var compress = new Option<bool>("--compress-disk") { Description = "Also write disk.img.zst" };
        var swu = new Option<FileInfo?>("--swu") { Description = "Also write the release as a .swu file for SWUpdate", HelpName = "FILE" };
        var making = new SwuMaking();
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var command = new Command("build", "Build a disk image and a release from a recipe") { recipe, output, cache, limit, previous, program, compress, swu, json };
        making.AddTo(command);
        command.SetAction(parsed =>
        {
            var read = RecipeReader.Read(parsed.GetValue(recipe)!.FullName);
            if (read.Devices is { } devices) DeviceCommands.RuleSet([.. devices.Rules]);    // wrong rules are told now, and not by the machine
            if (read.Services is { } services)
                PmCheckCommand.Read(services.Units, services.Host == ServiceHost.Systemd ? [] : ServiceUnits.Own(read));
            // a machine that was given a wrong root could never be updated again
            if (read.Repository is { } repository) TrustedRoot.Check(File.ReadAllBytes(repository.RootFile));
            var request = new BuildRequest(
                read, parsed.GetValue(output)!.FullName,
                MachineProgram(parsed.GetValue(program)), parsed.GetValue(cache)!.FullName, parsed.GetValue(compress),
                $"firn {ProductVersion.Text}")
            {
                CacheLimitBytes = parsed.GetValue(limit),
                PreviousRootImage = parsed.GetValue(previous) switch
                {
                    DirectoryInfo release => Path.Combine(release.FullName, "root.squashfs"),
                    var file => file?.FullName,
                },
            };
            var swuOptions = parsed.GetValue(swu) is null ? null : making.Of(parsed);    // a missing key is told before a build of minutes
            using var progress = ProgressLine.OnStandardError();
            var began = TimeProvider.System.GetTimestamp();
            var result = ImageBuilder.Build(request, new BuildProgressLine(progress));
            progress.Dispose();
            var made = swuOptions is null ? null : SwuBuilder.Build(result.Directory, parsed.GetValue(swu)!.FullName, swuOptions);
            foreach (var warning in result.Warnings) Console.Error.WriteLine($"warning: {warning}");
            if (parsed.GetValue(json)) Console.WriteLine(Encoding.UTF8.GetString(result.Manifest.ToJson()));
            else
            {
                Write(result, TimeProvider.System.GetElapsedTime(began));
                if (made is not null) Console.WriteLine(made.ToString());
            }
        });
        return command;
    }

    private static void Write(BuildResult result, TimeSpan took)
    {
        Console.WriteLine($"{result.Manifest.Name} {result.Manifest.Version} in {Amount.OfTime(took)}: {result.Directory}");
        Console.WriteLine($"  disk.img       {Amount.OfBytes(result.DiskBytes)}");
        Console.WriteLine($"  boot.img       {Amount.OfBytes(result.Manifest.Boot.SizeBytes)}");
        Console.WriteLine($"  root.squashfs  {Amount.OfBytes(result.Manifest.Root.SizeBytes)}");
    }

    /// <summary>Only the published program is one file that a machine can run; a development build is not.</summary>
    private static string MachineProgram(FileInfo? given)
    {
        if (given is not null) return given.FullName;
        if (Environment.ProcessPath is { } self && Path.GetFileName(self) == "firn" && !File.Exists(Path.ChangeExtension(self, null) + ".dll"))
            return self;
        throw new FileNotFoundException("this firn cannot go into an image: run the published one, or name it with --machine-program");
    }
}
