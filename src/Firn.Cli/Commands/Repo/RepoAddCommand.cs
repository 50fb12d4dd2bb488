using System.CommandLine;
using Firn.Formats.Releases;
using Firn.Publishing.Releases;

namespace Firn.Cli.Commands.Repo;

internal static class RepoAddCommand
{
    public static Command Create(Wiring wiring)
    {
        var options = new RepoOptions(wiring);
        var release = new Argument<DirectoryInfo>("release") { Description = "A release as 'firn image build' makes it: a directory with manifest.json" };
        var channel = new Option<string>("--channel") { Description = "Where to add it", Required = true };
        var hardware = new Option<string?>("--hardware") { Description = "Refuse a release that is for another hardware", HelpName = "KIND" };
        var minimum = new Option<string?>("--minimum-version") { Description = "Machines with an older version must take another release first", HelpName = "VERSION" };
        var notes = new Option<string?>("--notes") { Description = "What is new, for people", HelpName = "TEXT" };
        var paused = new Option<bool>("--paused") { Description = "Nobody takes it before 'firn repo resume'" };
        var waves = new WaveOptions();
        var command = new Command("add", "Add a release to a channel; staged until it is published") { release, channel, hardware, minimum, notes, paused };
        waves.AddTo(command);
        options.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var content = Read(parsed.GetValue(release)!.FullName);
            if (parsed.GetValue(hardware) is { } expected && content.Hardware != expected)
                throw new InvalidDataException($"{parsed.GetValue(release)}: is for {content.Hardware}, not for {expected}");
            var name = parsed.GetValue(channel)!;
            options.Edit(parsed, (draft, editor) => ReleaseEdits.Add(editor.Files, draft, name, content, new()
            {
                Name = content.Name,
                Version = content.Version,
                Hardware = content.Hardware,
                MinimumVersion = parsed.GetValue(minimum),
                Notes = parsed.GetValue(notes),
                IsPaused = parsed.GetValue(paused),
                Rollout = waves.Read(parsed, content.DirectoryIn(name), draft.Now),
            }, cancellation));
            return Task.CompletedTask;
        });
        return command;
    }

    private static ReleaseContent Read(string directory)
    {
        var path = Path.Combine(directory, ReleaseManifest.FileName);
        if (new FileInfo(path) is { Exists: true, Length: > ReleaseManifest.MaximumBytes }) throw new InvalidDataException($"{path}: too large for a manifest");
        var bytes = File.ReadAllBytes(path);
        var manifest = ReleaseManifest.Read(bytes);
        return new(manifest.Name, manifest.Version, manifest.Hardware, bytes, [
            .. new[] { manifest.Root, manifest.Boot }.Select(image => new ReleasePart(
                image.File, Path.Combine(directory, image.File), image.SizeBytes, image.Sha256))]);
    }
}
