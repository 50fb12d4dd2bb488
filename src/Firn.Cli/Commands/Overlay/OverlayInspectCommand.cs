using System.Collections.Immutable;
using System.CommandLine;
using Firn.Cli.Commands.Boot;
using Firn.Cli.Rendering;
using Firn.Formats.Overlays;
using Firn.Machine.Overlays;
using Firn.Trust.Minisign;

namespace Firn.Cli.Commands.Overlay;

/// <param name="SignatureKey">Name of the key of the signature behind it; null without one. It is not verified here.</param>
internal sealed record InspectedOverlay(string File, string? SignatureKey, int Files, ImmutableArray<InspectedLayer> Layers);

internal sealed record InspectedLayer(string Name, int Files);

/// <param name="Status">What was done at this boot; null if nothing.</param>
internal sealed record MachineOverlay(OverlayStatus? Status, OverlayState State, ImmutableArray<string> Facts);

internal static class OverlayInspectCommand
{
    public static Command Create(Wiring wiring)
    {
        var file = new Argument<FileInfo?>("file") { Description = "An overlay; without it, what this machine has, and its facts", Arity = ArgumentArity.ZeroOrOne };
        var (key, passphrase, iterations) = (OverlayOptions.Key(), OverlayOptions.Passphrase(), OverlayOptions.Iterations());
        var json = BootCommands.Json();
        var command = new Command("inspect", "Show what is in an overlay, or which one this machine has") { file, key, passphrase, iterations, json };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(file) is { } given)
                Result.Print(
                    output, Inspect(given, OverlayOptions.Read(parsed.GetValue(key), parsed.GetValue(passphrase), parsed.GetValue(iterations))),
                    parsed.GetValue(json), ResultJson.Default.InspectedOverlay, Lines);
            else Result.Print(output, OfMachine(wiring), parsed.GetValue(json), ResultJson.Default.MachineOverlay, Lines);
        });
        return command;
    }

    private static InspectedOverlay Inspect(FileInfo file, OverlayKeys keys)
    {
        var signature = OverlayText.Split(OverlayOptions.Bytes(file)).Signature;
        var overlay = OverlayOptions.Open(file, keys);
        return new(
            file.ToString(), signature is null ? null : MinisignSignature.Read(signature).KeyName, overlay.Base.Walk().Count(),
            [.. overlay.Layers.Select(layer => new InspectedLayer(layer.Name, layer.Tree.Walk().Count()))]);
    }

    private static MachineOverlay OfMachine(Wiring wiring) => new(
        OverlayStatus.Read(wiring.Paths), new OverlayStore(wiring.Paths.OverlayState).Read(),
        [.. FactFinder.Find(wiring.Paths, MachineVolumes.List(wiring.Paths)).ToText().Split('\n', StringSplitOptions.RemoveEmptyEntries)]);

    private static IEnumerable<string> Lines(InspectedOverlay overlay)
    {
        yield return $"{overlay.File}: {(overlay.SignatureKey is { } key ? $"signature of key {key}, not verified here" : "not signed")}";
        yield return $"  for every machine: {overlay.Files} files and directories";
        foreach (var layer in overlay.Layers) yield return $"  {layer.Name}: {layer.Files} files and directories";
    }

    private static IEnumerable<string> Lines(MachineOverlay machine)
    {
        foreach (var line in OverlayApplyCommand.Lines(machine.Status)) yield return line;
        if (machine.State.Offered is { } offered) yield return $"for the next boot: {offered.Source}";
        foreach (var rejected in machine.State.Rejected) yield return $"not taken again: {rejected.Sha256[..12]}: {rejected.Reason}";
        foreach (var fact in machine.Facts) yield return $"  {fact}";
    }
}
