using System.CommandLine;
using Firn.Machine.Boot;
using Firn.Machine.Updates;
using Firn.Swu.Installing;
using Firn.Swu.Signatures;
using Firn.Trust.Transports;

namespace Firn.Cli.Commands.Update;

/// <summary>What <c>firn update install</c> does with a .swu file.</summary>
internal static class SwuInstall
{
    public static Option<FileInfo?> Settings() => new("--swu-settings")
    {
        Description = "Whose .swu files are taken (default: /etc/firn/swu.conf, else /usr/lib/firn/swu.conf)",
        HelpName = "FILE",
    };

    /// <summary>Standard input brings nothing else.</summary>
    public static bool IsMeant(string? source) => source == "-" || source?.EndsWith(".swu", StringComparison.OrdinalIgnoreCase) == true;

    public static async Task<SwuInstallResult> RunAsync(
        Wiring wiring, string source, FileInfo? settingsFile, string? image, InstallOptions options, CancellationToken cancellation)
    {
        var settings = settingsFile is not null ? SwuSettings.Read(settingsFile.FullName)
            : image is null ? SwuSettings.Find(wiring.Paths) : null;
        if (settings is null)
            throw new RefusedException($"{source}: nothing says whose .swu files are taken ({SwuSettings.PersonsPath}, {SwuSettings.SettingsPath} or --swu-settings)");
        var (disk, control) = (wiring.Disk(image), wiring.UpdateControl(image));
        var clock = image is null ? new SeenTime(wiring.Paths.SeenTime, wiring.Clock) : wiring.Clock;
        using var files = new HttpFiles(new());
        using var progress = InstallProgressLine.Create(wiring, image);
        return await new SwuInstaller(disk, new GrubBootLoader(disk), wiring.Paths, settings, clock, (slot, release) => control.RecordInstall(slot, release.Version))
            .InstallAsync(source, async address => (await files.OpenAsync(address, 0, cancellation)).Body, options, progress, cancellation);
    }

    public static IEnumerable<string> Lines(SwuInstallResult result)
    {
        yield return $"{result.File}: {result.Version} ({result.Selection})";
        if (result.Slot is { } slot)
            foreach (var line in UpdateInstallCommand.Lines(slot)) yield return line;
        if (result.Others > 0) yield return $"{result.Others} other {(result.Others == 1 ? "thing was" : "things were")} written or run";
        if (result is { Slot: null, NeedsNoRestart: false }) yield return "it takes effect with a restart, unless its maker says otherwise";
    }
}
