using System.Collections.Immutable;
using System.CommandLine;
using Firn.Cli.Rendering;
using Firn.Formats.Boot;
using Firn.Formats.Gpt;
using Firn.Formats.Releases;
using Firn.Machine.Boot;

namespace Firn.Cli.Commands.Image;

/// <summary>What is in a disk image, or in a release.</summary>
/// <param name="Partitions">Of a disk image; empty for a release.</param>
/// <param name="Boot">Slots and boot state of a disk image; null for a release.</param>
/// <param name="Release">Of a release; null for a disk image.</param>
internal sealed record ImageReport(
    string Path, ImmutableArray<PartitionReport> Partitions, BootReport? Boot, ReleaseManifest? Release);

internal sealed record PartitionReport(int Number, string Name, long OffsetBytes, long SizeBytes, Guid Id);

internal static class ImageInspectCommand
{
    public static Command Create(Wiring wiring)
    {
        var path = new Argument<FileSystemInfo>("path") { Description = "A disk image, or a release: its directory or its manifest.json" };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var command = new Command("inspect", "Show partitions, slots and versions of a disk image or a release") { path, json };
        command.SetAction(parsed => Result.Print(
            parsed.InvocationConfiguration.Output, Inspect(parsed.GetValue(path)!.FullName, wiring), parsed.GetValue(json),
            ResultJson.Default.ImageReport, Lines));
        return command;
    }

    private static ImageReport Inspect(string path, Wiring wiring)
    {
        var manifest = Directory.Exists(path) ? Path.Combine(path, ReleaseManifest.FileName) : path;
        if (Path.GetExtension(manifest) == ".json")
            return new(path, [], null, ReleaseManifest.Read(ReadSmall(manifest)));
        using var disk = File.OpenRead(path);
        try
        {
            var partitions = GptReader.Read(disk).Partitions
                .Select(partition => new PartitionReport(partition.Number, partition.Name, partition.OffsetBytes, partition.SizeBytes, partition.Id));
            return new(path, [.. partitions], wiring.BootControl(path).Show(), null);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{path}: {error.Message}", error);
        }
    }

    private static byte[] ReadSmall(string path)
    {
        using var file = File.OpenRead(path);
        if (file.Length > ReleaseManifest.MaximumBytes)
            throw new InvalidDataException($"{path}: {file.Length} bytes are too many for a release manifest");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static IEnumerable<string> Lines(ImageReport report)
    {
        if (report.Release is { } release)
        {
            yield return $"release    {release.Name} {release.Version} for {release.Hardware}";
            foreach (var image in new[] { release.Boot, release.Root })
                yield return $"{image.File,-14} {Amount.OfBytes(image.SizeBytes),9}  sha256 {image.Sha256}";
            if (release.Root.VerityRootHash is { } rootHash) yield return $"verity     root hash {rootHash}";
            yield return $"built by   {release.Build.Tool}";
            foreach (var (name, value) in release.Build.Inputs) yield return $"  {name,-20} {value}";
        }
        foreach (var partition in report.Partitions)
            yield return $"{partition.Number,2}  {partition.Name,-12} {Amount.OfBytes(partition.SizeBytes),9}  at {partition.OffsetBytes >> 20} MiB";
        if (report.Boot is not { } boot) yield break;
        yield return $"confirmed  {boot.Confirmed.Name()}";
        yield return $"next boot  {boot.Next.Name()}";
        foreach (var slot in boot.Slots)
            yield return $"slot {slot.Slot.Name(),-7}{(slot.Release is { } held
                ? $"{held.Name} {held.Version}, root image {Amount.OfBytes(held.RootSizeBytes)} of {Amount.OfBytes(slot.RootSizeBytes)}{(held.VerityRootHash is { } hash ? $", verity {hash}" : "")}"
                : $"empty ({slot.Problem})")}";
    }
}
