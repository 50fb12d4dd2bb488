using System.CommandLine;
using Firn.Cli.Commands.Boot;
using Firn.Cli.Rendering;
using Firn.Formats.Boot;
using Firn.Machine.Boot;
using Firn.Machine.Updates;
using Firn.Trust;
using Firn.Trust.Releases;

namespace Firn.Cli.Commands.Update;

internal static class UpdateInstallCommand
{
    public static Command Create(Wiring wiring)
    {
        var source = new Argument<string?>("source")
        {
            Description = "A bundle; or a release: its directory, its manifest.json, or an http(s) URL of either "
                + "(default: the newest release of this machine's repository)",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var unsigned = new Option<bool>("--unsigned") { Description = "Take a release that nobody signed, although this machine has a repository" };
        var offline = new Option<bool>("--offline") { Description = "Take a bundle whose time is over, but never one older than what this machine has seen" };
        var ignoreWaves = UpdateCheckCommand.IgnoreWaves();
        var tries = BootCommands.Tries("as the recipe of the running system says, else 3");
        var disk = BootCommands.Disk();
        var json = BootCommands.Json();
        var command = new Command("install", "Write a release to the idle slot, read it back, and try it at the next boot")
        {
            source, unsigned, offline, ignoreWaves, tries, disk, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var request = new Request(
                parsed.GetValue(source), parsed.GetValue(disk)?.FullName, parsed.GetValue(tries), parsed.GetValue(json),
                parsed.InvocationConfiguration.Output);
            if (IsUnsigned(request, wiring, parsed.GetValue(unsigned)))
            {
                using var release = ReleaseSource.Of(request.Source!);
                return await InstallAsync(wiring, request, release, cancellation);
            }
            var isBundle = request.Source is not null;
            using var offer = await wiring.RepositoryUpdates.CheckAsync(
                request.Source, new(AcceptsStale: isBundle && parsed.GetValue(offline)),
                isBundle ? WavePolicy.Ignore : UpdateCheckCommand.Policy(parsed.GetValue(ignoreWaves)), cancellation);
            UpdateCheckCommand.Warn(parsed.InvocationConfiguration.Error, offer.Check);
            if (offer.Release is { } chosen) return await InstallAsync(wiring, request, chosen, offer, parsed.InvocationConfiguration.Error, cancellation);
            Result.Print(request.Output, offer.Check, request.IsJson, ResultJson.Default.UpdateCheck, UpdateCheckCommand.Lines);
            return ExitCode.NothingToInstall;
        });
        return command;
    }

    private sealed record Request(string? Source, string? Disk, int? Tries, bool IsJson, TextWriter Output);

    /// <summary>
    /// Whether what was asked for is a release as such, which nothing vouches for. A machine whose image was made for a
    /// repository takes one only if it is told so.
    /// </summary>
    private static bool IsUnsigned(Request request, Wiring wiring, bool isAllowed)
    {
        var hasRepository = request.Disk is null && RepositoryUpdates.SettingsOf(wiring.Paths) is not null;
        var isRelease = request.Source is not null && !IsBundle(request.Source);
        if (!isRelease && !hasRepository)
            throw new RefusedException(request.Source is null
                ? "no source was given, and there is no repository: this machine's image was made for none (recipe: repository)"
                : $"{request.Source}: a bundle is compared with the repository of the machine's image, and there is none");
        if (!isRelease) return false;
        if (hasRepository && !isAllowed)
            throw new RefusedException(
                $"{request.Source}: nobody signed it, and this machine takes signed releases; a bundle can be installed, or this with --unsigned");
        return true;
    }

    private static bool IsBundle(string source) => File.Exists(source) && !source.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    /// <summary>A mirror that has the metadata may still have other images than it should: then those of the others are tried.</summary>
    private static async Task<int> InstallAsync(
        Wiring wiring, Request request, IReleaseSource release, UpdateOffer offer, TextWriter error, CancellationToken cancellation)
    {
        while (true)
            try
            {
                var code = await InstallAsync(wiring, request, release, cancellation);
                foreach (var problem in offer.LaterProblems) error.WriteLine($"warning: {problem}");
                return code;
            }
            catch (TrustException problem) when (offer.TurnToOtherMirrors())
            {
                error.WriteLine($"warning: {problem.Message}; asking another mirror");
            }
    }

    private static async Task<int> InstallAsync(Wiring wiring, Request request, IReleaseSource release, CancellationToken cancellation)
    {
        InstallResult result;
        using (var line = ProgressLine.OnStandardError())
            result = await wiring.UpdateInstaller(request.Disk).InstallAsync(release, request.Tries, new InstallProgressLine(line), cancellation);
        Result.Print(request.Output, result, request.IsJson, ResultJson.Default.InstallResult, Lines);
        return 0;
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
