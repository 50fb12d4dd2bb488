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
        var source = new ReleaseOptions();
        var transfer = new TransferOptions();
        var tries = BootCommands.Tries("as the recipe of the running system says, else 3");
        var disk = BootCommands.Disk();
        var swuSettings = SwuInstall.Settings();
        var json = BootCommands.Json();
        var command = new Command("install", "Write a release to the idle slot, read it back, and try it at the next boot")
        {
            source.Source, source.Unsigned, source.Offline, source.IgnoreWaves, tries, transfer.DownloadOnly, transfer.LimitRate, transfer.Memory, transfer.Fast, swuSettings, disk, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!parsed.GetValue(transfer.Fast)) wiring.GiveWay();
            var (image, output, isJson) = (parsed.GetValue(disk)?.FullName, parsed.InvocationConfiguration.Output, parsed.GetValue(json));
            if (parsed.GetValue(source.Source) is { } file && SwuInstall.IsMeant(file))
            {
                var installed = await SwuInstall.RunAsync(wiring, file, parsed.GetValue(swuSettings), image, transfer.Of(parsed, parsed.GetValue(tries)), cancellation);
                Result.Print(output, installed, isJson, ResultJson.Default.SwuInstallResult, SwuInstall.Lines);
                return 0;
            }
            return await source.WithReleaseAsync(wiring, parsed, image, isJson, async release =>
            {
                InstallResult result;
                using (var progress = InstallProgressLine.Create(wiring, image))
                    result = await wiring.UpdateInstaller(image).InstallAsync(
                        release, transfer.Of(parsed, parsed.GetValue(tries)), progress, cancellation);
                Result.Print(output, result, isJson, ResultJson.Default.InstallResult, Lines);
            }, cancellation);
        });
        return command;
    }

    public static IEnumerable<string> Lines(InstallResult result)
    {
        var slot = result.Slot.Name();
        yield return result.WasThere
            ? $"slot {slot} already held {result.Name} {result.Version}, nothing had to be written"
            : $"{result.Name} {result.Version} is in slot {slot}, and was read back without a difference";
        if (!result.WasThere) yield return TransferOptions.Describe(result.Origins);
        yield return result.Tries is { } tries
            ? $"the next boot tries it, {tries} {(tries == 1 ? "time" : "times")} at most"
            : "it will not boot before 'firn update install' has found it there";
    }
}
