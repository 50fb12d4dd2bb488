using System.CommandLine;
using Firn.Cli.Commands.Boot;
using Firn.Cli.Rendering;
using Firn.Formats.Boot;
using Firn.Machine.Updates;

namespace Firn.Cli.Commands.Update;

internal static class UpdateInstallCommand
{
    public static Command Create(Wiring wiring)
    {
        var source = new Argument<string>("source")
        {
            Description = "A release: its directory, its manifest.json, or an http(s) URL of either",
        };
        var tries = BootCommands.Tries("as the recipe of the running system says, else 3");
        var disk = BootCommands.Disk();
        var json = BootCommands.Json();
        var command = new Command("install", "Write a release to the idle slot, read it back, and try it at the next boot")
        {
            source, tries, disk, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var release = ReleaseSource.Of(parsed.GetValue(source)!);
            InstallResult result;
            using (var line = ProgressLine.OnStandardError())
                result = await wiring.UpdateInstaller(parsed.GetValue(disk)?.FullName)
                    .InstallAsync(release, parsed.GetValue(tries), new InstallProgressLine(line), cancellation);
            Result.Print(
                parsed.InvocationConfiguration.Output, result, parsed.GetValue(json), ResultJson.Default.InstallResult, Lines);
        });
        return command;
    }

    private static IEnumerable<string> Lines(InstallResult result)
    {
        var slot = result.Slot.Name();
        yield return result.WasThere
            ? $"slot {slot} already held {result.Name} {result.Version}, nothing had to be written"
            : $"{result.Name} {result.Version} is in slot {slot}, and was read back without a difference";
        yield return $"the next boot tries it, {result.Tries} {(result.Tries == 1 ? "time" : "times")} at most";
    }

    private sealed class InstallProgressLine(ProgressLine line) : IProgress<InstallProgress>
    {
        public void Report(InstallProgress value) => line.Report(Describe(value.Step), value.DoneBytes, value.TotalBytes);

        private static string Describe(InstallStep step) => step switch
        {
            InstallStep.Compare => "comparing with what the slot holds",
            InstallStep.WriteRoot => "writing the root image",
            InstallStep.WriteBoot => "writing the boot image",
            InstallStep.VerifyRoot => "reading the root image back",
            _ => "reading the boot image back",
        };
    }
}
